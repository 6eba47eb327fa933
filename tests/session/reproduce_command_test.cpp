#include "app/session/reproduce_command.h"

#include <catch2/catch_test_macros.hpp>

using namespace alluvium;

TEST_CASE("A default picture needs no options") {
    FigureRequest request;
    request.kind = FigureKind::divergence;
    CHECK(reproduce_command(request, {"/data/t.h5"}, "t.svg") ==
          "alluvium render divergence /data/t.h5 -o t.svg");
}

TEST_CASE("Whatever differs from the defaults is said") {
    FigureRequest request;
    request.kind = FigureKind::circuit;
    request.groups = {"fr", "ar"};
    request.options.by = "family";
    request.options.weighting = Weighting::mass;
    request.options.include_special = true;
    request.options.seed = 7;
    request.options.circuit = CircuitOptions{.keep = {KeepRule::Kind::ratio, 0.25}};
    CHECK(reproduce_command(request, {"t.h5"}, "c.pdf") ==
          "alluvium render circuit t.h5 --by family --weighting mass --include-special --seed 7 "
          "--keep ratio:0.25 --groups fr,ar -o c.pdf");
}

TEST_CASE("Plain shares are the talk's style") {
    FigureRequest request;
    request.measure = Measure::share;
    request.sort = {ExpertSort::By::share, 7, "fr"};
    CHECK(reproduce_command(request, {"t.h5"}, "h.png") ==
          "alluvium render heatmap t.h5 --style talk --order share:7:fr -o h.png");
}

TEST_CASE("A difference names both its traces") {
    FigureRequest request;
    request.kind = FigureKind::difference;
    request.groups = {"fr"};
    CHECK(reproduce_command(request, {"a.h5", "b.h5"}, "d.svg") ==
          "alluvium render difference a.h5 b.h5 --groups fr -o d.svg");
}

TEST_CASE("Names that a shell would take apart are quoted") {
    CHECK(shell_quoted("my trace's copy.h5") == "'my trace'\\''s copy.h5'");
    CHECK(shell_quoted("") == "''");
    CHECK(shell_quoted("$HOME") == "'$HOME'");
    CHECK(shell_quoted("/plain/path-1.h5") == "/plain/path-1.h5");
}
