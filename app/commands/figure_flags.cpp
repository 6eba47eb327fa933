#include "app/commands/figure_flags.h"

#include "base/files.h"

namespace alluvium {

void FigureFlags::add_to(CLI::App& command, bool required) {
    command.add_option("-o,--output", output_, "The picture; its ending decides: svg, pdf, png")
        ->required(required);
    command.add_option("--data", data_, "Write the figure's numbers as CSV");
    command.add_flag("--dark", dark_, "Light on dark");
    command.add_option("--width", width_, "Of the page, in points (default: as wide as it takes)")
        ->check(CLI::Range(200.0, 20000.0));
    command.add_option("--scale", scale_, "Pixels per point of a PNG")
        ->check(CLI::Range(0.5, 16.0))
        ->capture_default_str();
}

void FigureFlags::check() const {
    if (!output_.empty()) check_figure_path(output_);
}

void FigureFlags::save(const Figure& figure) const {
    if (!output_.empty()) save_figure(figure, output_, scale_);
    if (!data_.empty()) write_file_atomically(data_, figure_csv(figure));
}

}  // namespace alluvium
