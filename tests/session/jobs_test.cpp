#include "app/session/jobs.h"

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "base/error.h"

using namespace alluvium;

namespace {

// Work that waits until the test opens the gate, or until it is cancelled.
struct Gate {
    std::promise<void> promise;
    std::shared_future<void> opened = promise.get_future().share();

    void open() { promise.set_value(); }
};

Work deliver(int& out, int value) {
    return [&out, value](Progress&) -> Delivery { return [&out, value] { out = value; }; };
}

Work wait_then_deliver(const Gate& gate, int& out, int value) {
    return [opened = gate.opened, &out, value](Progress& progress) -> Delivery {
        while (opened.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
            progress.check();
        }
        return [&out, value] { out = value; };
    };
}

JobSpec spec(std::string tag, std::string key, Lane lane = Lane::analysis) {
    return {
        .tag = std::move(tag), .key = std::move(key), .title = "work", .unit = "", .lane = lane};
}

}  // namespace

TEST_CASE("A result is delivered on the thread that drains, and only there") {
    Jobs jobs;
    std::thread::id worked, delivered;
    jobs.start(spec("t", "k"), [&](Progress&) -> Delivery {
        worked = std::this_thread::get_id();
        return [&] { delivered = std::this_thread::get_id(); };
    });
    jobs.finish();
    CHECK(delivered == std::this_thread::get_id());
    CHECK(worked != delivered);
    CHECK_FALSE(jobs.busy());
}

TEST_CASE("A newer job with the same tag replaces the older, whose late result is dropped") {
    Jobs jobs({}, 2);
    Gate gate;
    int value = 0;
    int deliveries = 0;
    // Ignores its cancellation, as work does between two checks.
    jobs.start(spec("picture", "old"), [&, opened = gate.opened](Progress&) -> Delivery {
        opened.wait();
        return [&] {
            value = 1;
            ++deliveries;
        };
    });
    jobs.start(spec("picture", "new"), [&](Progress&) -> Delivery {
        return [&] {
            value = 2;
            ++deliveries;
        };
    });
    CHECK(jobs.status().size() == 1);
    gate.open();
    jobs.finish();
    CHECK(value == 2);
    CHECK(deliveries == 1);
    CHECK(jobs.take_ends().empty());
}

TEST_CASE("A job that is under way with the same key is not started twice") {
    Jobs jobs;
    Gate gate;
    int value = 0;
    const JobId first = jobs.start(spec("t", "same"), wait_then_deliver(gate, value, 1));
    const JobId second = jobs.start(spec("t", "same"), wait_then_deliver(gate, value, 2));
    CHECK(first == second);
    gate.open();
    jobs.finish();
    CHECK(value == 1);
}

TEST_CASE("A cancelled job delivers nothing and can be started again at once") {
    Jobs jobs;
    Gate gate;
    int value = 0;
    const JobId id = jobs.start(spec("t", "k"), wait_then_deliver(gate, value, 1));
    jobs.cancel(id);
    CHECK(jobs.start(spec("t", "k"), deliver(value, 2)) != id);
    jobs.finish();
    CHECK(value == 2);
}

TEST_CASE("Cancelling reports the job as cancelled, not as failed") {
    Jobs jobs;
    Gate gate;
    int value = 0;
    jobs.start(spec("t", "k"), wait_then_deliver(gate, value, 1));
    jobs.cancel_tag("t");
    jobs.finish();
    const auto ends = jobs.take_ends();
    REQUIRE(ends.size() == 1);
    CHECK(ends[0].cancelled);
    CHECK(ends[0].key == "k");
    CHECK(value == 0);
    CHECK(jobs.take_ends().empty());
}

TEST_CASE("What a job throws becomes a message with its hint, and the lane goes on") {
    Jobs jobs({}, 1);
    int value = 0;
    jobs.start(spec("a", "1"), [](Progress&) -> Delivery {
        throw UserError("config.json: no such file", "choose a checkpoint folder");
    });
    jobs.start(spec("b", "2"),
               [](Progress&) -> Delivery { throw std::runtime_error("disk full"); });
    jobs.start(spec("c", "3"), [](Progress&) -> Delivery { throw std::bad_alloc(); });
    jobs.start(spec("d", "4"), deliver(value, 4));
    jobs.finish();
    const auto ends = jobs.take_ends();
    REQUIRE(ends.size() == 3);
    CHECK(ends[0].what == "config.json: no such file");
    CHECK(ends[0].hint == "choose a checkpoint folder");
    CHECK_FALSE(ends[0].cancelled);
    CHECK(ends[1].what == "disk full");
    CHECK(ends[2].what == "out of memory");
    CHECK(value == 4);
}

TEST_CASE("All work on the model lane runs on one thread, in order") {
    Jobs jobs({}, 3);
    std::vector<std::thread::id> threads;
    std::vector<int> order;
    for (int i = 0; i < 5; ++i) {
        jobs.start(spec("m" + std::to_string(i), "k", Lane::model), [&, i](Progress&) -> Delivery {
            threads.push_back(std::this_thread::get_id());
            order.push_back(i);
            return {};
        });
    }
    jobs.finish();
    CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
    for (const auto& id : threads) CHECK(id == threads.front());
}

TEST_CASE("Analysis goes on while the model lane is busy") {
    Jobs jobs;
    Gate gate;
    int from_model = 0, from_analysis = 0;
    jobs.start(spec("m", "k", Lane::model), wait_then_deliver(gate, from_model, 1));
    jobs.start(spec("a", "k"), deliver(from_analysis, 1));
    while (from_analysis == 0) {
        jobs.drain();
        std::this_thread::yield();
    }
    CHECK(from_model == 0);
    CHECK(jobs.busy());
    gate.open();
    jobs.finish();
    CHECK(from_model == 1);
}

TEST_CASE("A job shows what it has done, its rate and what remains") {
    Jobs jobs;
    Gate gate;
    std::promise<void> half_way;
    jobs.start({.tag = "run", .key = "k", .title = "Run", .unit = "tokens", .lane = Lane::model},
               [&](Progress& progress) -> Delivery {
                   progress.start(100);
                   progress.advance(50);
                   std::this_thread::sleep_for(std::chrono::milliseconds(20));
                   half_way.set_value();
                   gate.opened.wait();
                   return {};
               });
    half_way.get_future().wait();
    const auto all = jobs.status();
    REQUIRE(all.size() == 1);
    CHECK(all[0].started);
    CHECK(all[0].done == 50);
    CHECK(all[0].total == 100);
    CHECK(all[0].seconds >= 0.02);
    CHECK(all[0].rate > 0);
    // Half is done, so as much time remains as has passed, whatever that was.
    CHECK(all[0].remaining == 50 / all[0].rate);
    gate.open();
    jobs.finish();
}

TEST_CASE("The owner is woken for every job that ends") {
    std::atomic<int> woken = 0;
    Jobs jobs([&] { ++woken; });
    int value = 0;
    jobs.start(spec("a", "1"), deliver(value, 1));
    jobs.start(spec("b", "2"), [](Progress&) -> Delivery { throw std::runtime_error("no"); });
    jobs.finish();
    // finish() may see the result before the lane's thread has called back.
    while (woken < 2) std::this_thread::yield();
    CHECK(woken == 2);
}

TEST_CASE("Jobs can be destroyed while work is queued and under way") {
    std::atomic<bool> delivered = false;
    {
        Jobs jobs({}, 1);
        for (int i = 0; i < 20; ++i) {
            jobs.start(spec("t" + std::to_string(i), "k"), [&](Progress& progress) -> Delivery {
                while (!progress.cancelled()) std::this_thread::yield();
                return [&] { delivered = true; };
            });
        }
    }
    CHECK_FALSE(delivered);
}

TEST_CASE("A delivery may start the next job") {
    Jobs jobs;
    int value = 0;
    jobs.start(spec("first", "k"), [&](Progress&) -> Delivery {
        return [&] { jobs.start(spec("second", "k"), deliver(value, 7)); };
    });
    jobs.finish();
    CHECK(value == 7);
}
