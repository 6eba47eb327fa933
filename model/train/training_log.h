#pragma once
// What a run reports while it goes on: CSV files whose first column is the step, so that a resumed
// run can go on with them and other programs can read them while they grow.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/train/training_pass.h"

namespace alluvium {

struct StepReport {
    std::int64_t step = 0;         // from 1
    std::int64_t tokens = 0;       // seen since step 1
    std::int64_t step_tokens = 0;  // of this step
    double loss = 0;               // cross entropy, nats per token
    std::optional<double> balance;
    double gradient_norm = 0;  // before clipping
    double learning_rate = 0;
    std::optional<RoutingStatistics> routing;
    double seconds = 0;  // of this step
};

class StepTable {
  public:
    // Of the rows that are there, those after `keep_steps` are dropped (of a run that went on after
    // its last save and is now resumed from there). UserError where the file cannot be written.
    StepTable(std::filesystem::path path, const std::vector<std::string>& columns,
              std::int64_t keep_steps);

    // One field per column. RunError where the disk is full.
    void add(std::span<const std::string> fields);

  private:
    std::filesystem::path path_;
    std::ofstream out_;
};

// Columns and fields of the log of steps.
std::vector<std::string> step_columns();
std::vector<std::string> step_fields(const StepReport& report);

// Enough digits that a reader gets the same f32 back; empty where there is no value.
std::string number_field(std::optional<double> value);

}  // namespace alluvium
