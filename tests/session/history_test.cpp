#include "app/session/history.h"

#include <catch2/catch_test_macros.hpp>

using alluvium::History;

TEST_CASE("Undo and redo walk through the changes in order") {
    History<int> history(1);
    history.change(2, "to two");
    history.change(3, "to three");
    CHECK(history.undo_what() == "to three");
    CHECK(history.undo());
    CHECK(history.now() == 2);
    CHECK(history.undo());
    CHECK(history.now() == 1);
    CHECK_FALSE(history.undo());
    CHECK(history.redo_what() == "to two");
    CHECK(history.redo());
    CHECK(history.redo());
    CHECK(history.now() == 3);
    CHECK_FALSE(history.redo());
}

TEST_CASE("A new change forgets what was undone") {
    History<int> history(1);
    history.change(2, "a");
    history.undo();
    history.change(5, "b");
    CHECK_FALSE(history.redo());
    CHECK(history.now() == 5);
}

TEST_CASE("A change that changes nothing is no step") {
    History<int> history(1);
    history.change(1, "nothing");
    CHECK_FALSE(history.undo());
}

TEST_CASE("One drag is one step") {
    History<int> history(0);
    for (int i = 1; i <= 10; ++i) history.change(i, "pan", "drag");
    history.end_series();
    history.change(11, "pan", "drag");
    history.undo();
    CHECK(history.now() == 10);
    history.undo();
    CHECK(history.now() == 0);
}

TEST_CASE("A drag after an undo is a step of its own") {
    History<int> history(0);
    history.change(1, "pan", "drag");
    history.change(5, "other");
    history.undo();
    history.change(2, "pan", "drag");
    history.undo();
    CHECK(history.now() == 1);
}

TEST_CASE("Only so many steps are kept") {
    History<int> history(0, 3);
    for (int i = 1; i <= 10; ++i) history.change(i, "step");
    int steps = 0;
    while (history.undo()) ++steps;
    CHECK(steps == 3);
    CHECK(history.now() == 7);
}
