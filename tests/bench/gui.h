#pragma once
#include <string>
#include <vector>

#include "base/json.h"

namespace alluvium::bench {

// What a frame of the workbench costs the thread that draws it: the interface and the pictures laid
// into draw lists, not what OpenGL makes of them.
// FOLDER [--layers 48] [--experts 128] [--languages 12] [--prompts 40] [--frames 200]
// [--width 1920] [--height 1080]
// A planted trace is analysed and its heat map (languages x layers x experts cells), divergence,
// circuit and tokens are each brought to the front: `still` draws the same again, `moving` zooms
// every frame; at last the same while the specimen runs prompts in the background. Seconds of
// processor time: median and 99th percentile over the frames.
Json gui(const std::vector<std::string>& words);

}  // namespace alluvium::bench
