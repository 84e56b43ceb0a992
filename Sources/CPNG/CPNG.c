#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t count;
  size_t position;
} Source;

typedef struct {
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} Sink;

static void on_error(png_structp png, png_const_charp text) {
  char *message = png_get_error_ptr(png);
  snprintf(message, CPNG_MESSAGE_SIZE, "%s", text);
  png_longjmp(png, 1);
}

// Warnings of libpng concern ancillary chunks; the pixels are good all the same.
static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void read_bytes(png_structp png, png_bytep into, size_t wanted) {
  Source *source = png_get_io_ptr(png);
  if (wanted > source->count - source->position) png_error(png, "the file ends early");
  memcpy(into, source->bytes + source->position, wanted);
  source->position += wanted;
}

static void write_bytes(png_structp png, png_bytep from, size_t count) {
  Sink *sink = png_get_io_ptr(png);
  if (sink->capacity - sink->count < count) {
    size_t capacity = (sink->capacity + count) * 2;
    uint8_t *grown = realloc(sink->bytes, capacity);
    if (!grown) png_error(png, "not enough memory");
    sink->bytes = grown;
    sink->capacity = capacity;
  }
  memcpy(sink->bytes + sink->count, from, count);
  sink->count += count;
}

static void flush_bytes(png_structp png) { (void)png; }

// Opens a reader whose limits keep ancillary chunks from taking memory.
static png_structp open_reader(Source *source, char *message) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, on_error, on_warning);
  if (!png) return NULL;
  png_set_read_fn(png, source, read_bytes);
  png_set_chunk_malloc_max(png, 8u << 20);
  png_set_chunk_cache_max(png, 256);
  // Text and profiles are not read here, so a damaged one cannot stop the picture.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  static const png_byte ignored[] = "iCCP\0tEXt\0zTXt\0iTXt\0eXIf\0sPLT\0hIST";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, ignored, (int)(sizeof ignored / 5));
  return png;
}

static void fill_header(png_structp png, png_infop info, CPNGHeader *header) {
  header->width = png_get_image_width(png, info);
  header->height = png_get_image_height(png, info);
  header->bit_depth = png_get_bit_depth(png, info);
  header->color_type = png_get_color_type(png, info);
  header->has_alpha =
      (header->color_type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS);
}

int cpng_read_header(const uint8_t *bytes, size_t count, CPNGHeader *header,
                     char message[CPNG_MESSAGE_SIZE]) {
  Source source = {bytes, count, 0};
  message[0] = 0;
  png_structp png = open_reader(&source, message);
  png_infop volatile info = NULL;
  if (!png) return -1;
  if (setjmp(png_jmpbuf(png))) {
    png_infop made = info;
    png_destroy_read_struct(&png, &made, NULL);
    return -1;
  }
  info = png_create_info_struct(png);
  if (!info) png_error(png, "not enough memory");
  png_read_info(png, info);
  fill_header(png, info, header);
  png_infop made = info;
  png_destroy_read_struct(&png, &made, NULL);
  return 0;
}

// Composites RGBA on a gray: c * a + gray * (1 - a), rounded.
static void composite_on(unsigned gray, const uint8_t *rgba, uint8_t *rgb, size_t pixels) {
  for (size_t i = 0; i < pixels; i++) {
    unsigned alpha = rgba[i * 4 + 3];
    for (int c = 0; c < 3; c++) {
      rgb[i * 3 + c] = (uint8_t)((rgba[i * 4 + c] * alpha + gray * (255u - alpha) + 127u) / 255u);
    }
  }
}

// Asks libpng for 8-bit RGB, or RGBA when the picture has alpha that is kept.
static void request_rgb(png_structp png, png_infop info, const CPNGHeader *header, int keep_alpha) {
  png_set_expand(png);
  if (header->bit_depth == 16) png_set_scale_16(png);
  if (!(header->color_type & PNG_COLOR_MASK_COLOR)) png_set_gray_to_rgb(png);
  if (header->has_alpha && !keep_alpha) png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

int cpng_decode_rgb(const uint8_t *bytes, size_t count, CPNGAlpha alpha, uint8_t *rgb,
                    size_t capacity, char message[CPNG_MESSAGE_SIZE]) {
  Source source = {bytes, count, 0};
  message[0] = 0;
  png_structp png = open_reader(&source, message);
  png_infop volatile info = NULL;
  uint8_t *volatile rgba = NULL;
  uint8_t **volatile rows = NULL;
  int status = -1;
  if (!png) return -1;
  if (setjmp(png_jmpbuf(png)) == 0) {
    CPNGHeader header;
    info = png_create_info_struct(png);
    if (!info) png_error(png, "not enough memory");
    png_read_info(png, info);
    fill_header(png, info, &header);
    size_t width = header.width, height = header.height;
    if (capacity != width * height * 3) png_error(png, "the size changed while reading");
    int keep_alpha = header.has_alpha && alpha != CPNG_ALPHA_IGNORED;
    size_t stride = width * (keep_alpha ? 4 : 3);
    request_rgb(png, info, &header, keep_alpha);
    if (png_get_rowbytes(png, info) != stride) png_error(png, "unexpected pixel layout");
    if (keep_alpha) rgba = malloc(stride * height);
    rows = malloc(height * sizeof *rows);
    if (!rows || (keep_alpha && !rgba)) png_error(png, "not enough memory");
    for (size_t y = 0; y < height; y++) rows[y] = (keep_alpha ? rgba : rgb) + y * stride;
    png_read_image(png, rows);
    png_read_end(png, NULL);
    if (keep_alpha) {
      composite_on(alpha == CPNG_ALPHA_OVER_BLACK ? 0 : 255, rgba, rgb, width * height);
    }
    status = 0;
  }
  free(rgba);
  free((void *)rows);
  png_infop made = info;
  png_destroy_read_struct(&png, &made, NULL);
  return status;
}

int cpng_encode(const uint8_t *pixels, int channels, uint32_t width, uint32_t height, int level,
                uint8_t **out, size_t *out_count, char message[CPNG_MESSAGE_SIZE]) {
  Sink sink = {NULL, 0, 0};
  message[0] = 0;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, on_error, on_warning);
  png_infop volatile info = NULL;
  int status = -1;
  if (!png) return -1;
  if (setjmp(png_jmpbuf(png)) == 0) {
    info = png_create_info_struct(png);
    if (!info) png_error(png, "not enough memory");
    png_set_write_fn(png, &sink, write_bytes, flush_bytes);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_compression_level(png, level);
    png_set_IHDR(png, info, width, height, 8,
                 channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    size_t stride = (size_t)width * (channels == 4 ? 4 : 3);
    for (size_t y = 0; y < height; y++) png_write_row(png, pixels + y * stride);
    png_write_end(png, NULL);
    status = 0;
  }
  png_infop made = info;
  png_destroy_write_struct(&png, &made);
  if (status == 0) {
    *out = sink.bytes;
    *out_count = sink.count;
  } else {
    free(sink.bytes);
  }
  return status;
}

const char *cpng_version(void) { return png_get_libpng_ver(NULL); }
