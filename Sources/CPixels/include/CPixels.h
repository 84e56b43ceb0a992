#ifndef CPIXELS_H
#define CPIXELS_H

#include <stddef.h>
#include <stdint.h>

// Loops over 8-bit RGB pixels (rows from top to bottom, no padding), quick in debug builds too.

// Resamples `from` to `to`. Per axis: a Lanczos-3 window widened by the factor when shrinking, a
// triangle (bilinear) when growing; pixel centres are at half-integers, edges are clamped.
// Returns 0, or -1 when memory is lacking. All sizes are at least 1.
int cpixels_resize_rgb(const uint8_t *from, uint32_t from_width, uint32_t from_height, uint8_t *to,
                       uint32_t to_width, uint32_t to_height);

// Sum of squared differences of `count` bytes.
uint64_t cpixels_squared_difference(const uint8_t *a, const uint8_t *b, size_t count);

#endif
