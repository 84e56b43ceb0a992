#include "CPixels.h"

#include <math.h>
#include <stdlib.h>

// The taps of one output position: `count` weights from input position `first` on.
typedef struct {
  int32_t first;
  int32_t count;
} Span;

typedef struct {
  Span *spans;
  float *weights;
  int32_t stride;
} Taps;

static double lanczos3(double x) {
  x = fabs(x);
  if (x < 1e-9) return 1;
  if (x >= 3) return 0;
  double p = M_PI * x;
  return 3 * sin(p) * sin(p / 3) / (p * p);
}

static double triangle(double x) {
  x = fabs(x);
  return x < 1 ? 1 - x : 0;
}

// Weights that map `from` positions to `to` positions, each set summing to 1.
static int make_taps(Taps *taps, uint32_t from, uint32_t to) {
  double factor = (double)from / to;
  int shrinks = factor > 1;
  double scale = shrinks ? factor : 1, radius = (shrinks ? 3 : 1) * scale;
  taps->stride = (int32_t)(2 * ceil(radius) + 2);
  taps->spans = malloc(to * sizeof(Span));
  taps->weights = malloc((size_t)to * (size_t)taps->stride * sizeof(float));
  if (!taps->spans || !taps->weights) return -1;
  for (uint32_t i = 0; i < to; i++) {
    double center = (i + 0.5) * factor - 0.5;
    long first = (long)ceil(center - radius), last = (long)floor(center + radius);
    if (first < 0) first = 0;
    if (last > (long)from - 1) last = (long)from - 1;
    if (last < first) last = first = center < 0 ? 0 : (long)from - 1;
    float *weights = taps->weights + (size_t)i * (size_t)taps->stride;
    double sum = 0;
    for (long k = first; k <= last; k++) {
      double weight = shrinks ? lanczos3((k - center) / scale) : triangle(k - center);
      weights[k - first] = (float)weight;
      sum += weight;
    }
    taps->spans[i] = (Span){(int32_t)first, (int32_t)(last - first + 1)};
    for (long k = first; k <= last; k++) {
      weights[k - first] = sum != 0 ? (float)(weights[k - first] / sum) : 1.0f;
    }
  }
  return 0;
}

static void free_taps(Taps *taps) {
  free(taps->spans);
  free(taps->weights);
}

static uint8_t clamp_to_byte(float value) {
  return value <= 0 ? 0 : value >= 255 ? 255 : (uint8_t)(value + 0.5f);
}

// One row of bytes to one row of floats, resampled along x.
static void resize_row(const uint8_t *row, const Taps *taps, uint32_t to_width, float *out) {
  for (uint32_t x = 0; x < to_width; x++) {
    Span span = taps->spans[x];
    const float *weights = taps->weights + (size_t)x * (size_t)taps->stride;
    const uint8_t *pixel = row + (size_t)span.first * 3;
    float red = 0, green = 0, blue = 0;
    for (int32_t k = 0; k < span.count; k++, pixel += 3) {
      red += weights[k] * pixel[0];
      green += weights[k] * pixel[1];
      blue += weights[k] * pixel[2];
    }
    out[x * 3] = red;
    out[x * 3 + 1] = green;
    out[x * 3 + 2] = blue;
  }
}

int cpixels_resize_rgb(const uint8_t *from, uint32_t from_width, uint32_t from_height, uint8_t *to,
                       uint32_t to_width, uint32_t to_height) {
  Taps across = {0}, down = {0};
  size_t row_values = (size_t)to_width * 3;
  float *rows = NULL, *sum = malloc(row_values * sizeof(float));
  int status = -1;
  if (sum && make_taps(&across, from_width, to_width) == 0 &&
      make_taps(&down, from_height, to_height) == 0) {
    // A ring of resampled rows: as many as one output row can need.
    size_t ring = (size_t)down.stride;
    rows = malloc(ring * row_values * sizeof(float));
    int32_t done = 0;
    status = rows ? 0 : -1;
    for (uint32_t y = 0; status == 0 && y < to_height; y++) {
      Span span = down.spans[y];
      const float *weights = down.weights + (size_t)y * (size_t)down.stride;
      for (; done < span.first + span.count; done++) {
        resize_row(from + (size_t)done * from_width * 3, &across, to_width,
                   rows + ((size_t)done % ring) * row_values);
      }
      for (size_t i = 0; i < row_values; i++) sum[i] = 0;
      for (int32_t k = 0; k < span.count; k++) {
        const float *row = rows + ((size_t)(span.first + k) % ring) * row_values;
        for (size_t i = 0; i < row_values; i++) sum[i] += weights[k] * row[i];
      }
      for (size_t i = 0; i < row_values; i++) to[y * row_values + i] = clamp_to_byte(sum[i]);
    }
  }
  free(rows);
  free(sum);
  free_taps(&across);
  free_taps(&down);
  return status;
}

uint64_t cpixels_squared_difference(const uint8_t *a, const uint8_t *b, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    int difference = (int)a[i] - (int)b[i];
    sum += (uint64_t)(difference * difference);
  }
  return sum;
}
