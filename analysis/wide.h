#pragma once
// One version of a function for every x86 and one for those with wider registers, chosen when the
// program starts: ALLUVIUM_WIDE void loop(...). What it calls must be inlined into it to count.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define ALLUVIUM_WIDE __attribute__((target_clones("default", "avx2")))
#else
#define ALLUVIUM_WIDE
#endif
