#pragma once
// Moving the selection by keys.
#include "app/views/ui.h"

namespace alluvium {

void move_expert(Ui& ui, int by);
void move_layer(Ui& ui, int by);
void move_group(Ui& ui, int by);
// Into the next prompt at the end of one; the first token of the shown prompt where none is looked
// at.
void move_token(Ui& ui, int by);

template <int by>
void step_expert(Ui& ui) {
    move_expert(ui, by);
}
template <int by>
void step_layer(Ui& ui) {
    move_layer(ui, by);
}
template <int by>
void step_token(Ui& ui) {
    move_token(ui, by);
}
template <int by>
void step_group(Ui& ui) {
    move_group(ui, by);
}

}  // namespace alluvium
