#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// jpeglib.h needs stdio.h and size_t before it.
#include <jerror.h>
#include <jpeglib.h>

// More scans than any encoder writes: a small progressive file can otherwise ask for hours of work.
enum { MAXIMUM_SCANS = 500 };

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf escape;
  char *message;
} ErrorManager;

static void on_error(j_common_ptr info) {
  ErrorManager *manager = (ErrorManager *)info->err;
  char text[JMSG_LENGTH_MAX];
  info->err->format_message(info, text);
  snprintf(manager->message, CJPEG_MESSAGE_SIZE, "%s", text);
  longjmp(manager->escape, 1);
}

// Warnings are about damaged data. An early end is an error here; libjpeg would invent gray rows.
static void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  int code = info->err->msg_code;
  if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER) on_error(info);
  info->err->num_warnings++;
}

static void on_progress(j_common_ptr info) {
  if (((j_decompress_ptr)info)->input_scan_number <= MAXIMUM_SCANS) return;
  ErrorManager *manager = (ErrorManager *)info->err;
  snprintf(manager->message, CJPEG_MESSAGE_SIZE, "more than %d scans", MAXIMUM_SCANS);
  longjmp(manager->escape, 1);
}

static struct jpeg_error_mgr *set_up(ErrorManager *manager, char *message) {
  struct jpeg_error_mgr *base = jpeg_std_error(&manager->base);
  base->error_exit = on_error;
  base->emit_message = on_message;
  manager->message = message;
  message[0] = 0;
  return base;
}

static unsigned read16(const uint8_t *p, int big) {
  return big ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static uint32_t read32(const uint8_t *p, int big) {
  return big ? (uint32_t)read16(p, 1) << 16 | read16(p + 2, 1)
             : (uint32_t)read16(p + 2, 0) << 16 | read16(p, 0);
}

// The orientation (tag 0x0112 of IFD0) in an APP1 "Exif" segment, 1 when there is none.
static int orientation_in(const uint8_t *segment, size_t count) {
  if (count < 14 || memcmp(segment, "Exif\0\0", 6) != 0) return 1;
  const uint8_t *tiff = segment + 6;
  size_t size = count - 6;
  int big = tiff[0] == 'M';
  if (memcmp(tiff, big ? "MM" : "II", 2) != 0 || read16(tiff + 2, big) != 42) return 1;
  size_t directory = read32(tiff + 4, big);
  if (directory > size || size - directory < 2) return 1;
  size_t entries = read16(tiff + directory, big);
  for (size_t i = 0; i < entries; i++) {
    size_t entry = directory + 2 + i * 12;
    if (entry > size || size - entry < 12) return 1;
    if (read16(tiff + entry, big) != 0x0112) continue;
    unsigned value = read16(tiff + entry + 8, big);
    return value >= 1 && value <= 8 ? (int)value : 1;
  }
  return 1;
}

static void read_header(j_decompress_ptr info, const uint8_t *bytes, size_t count,
                        CJPEGHeader *header) {
  jpeg_mem_src(info, bytes, count);
  jpeg_save_markers(info, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(info, TRUE);
  header->width = info->image_width;
  header->height = info->image_height;
  header->components = info->num_components;
  header->orientation = 1;
  for (jpeg_saved_marker_ptr m = info->marker_list; m && header->orientation == 1; m = m->next) {
    header->orientation = orientation_in(m->data, m->data_length);
  }
}

int cjpeg_read_header(const uint8_t *bytes, size_t count, CJPEGHeader *header,
                      char message[CJPEG_MESSAGE_SIZE]) {
  struct jpeg_decompress_struct info;
  ErrorManager manager;
  memset(&info, 0, sizeof info);
  info.err = set_up(&manager, message);
  if (setjmp(manager.escape)) {
    jpeg_destroy_decompress(&info);
    return -1;
  }
  jpeg_create_decompress(&info);
  read_header(&info, bytes, count, header);
  jpeg_destroy_decompress(&info);
  return 0;
}

// CMYK without a profile, as viewers show it. Adobe's files store ink inverted.
static void convert_cmyk(const uint8_t *cmyk, uint8_t *rgb, size_t pixels, int inverted) {
  for (size_t i = 0; i < pixels; i++) {
    unsigned black = inverted ? cmyk[i * 4 + 3] : 255u - cmyk[i * 4 + 3];
    for (int c = 0; c < 3; c++) {
      unsigned ink = inverted ? cmyk[i * 4 + c] : 255u - cmyk[i * 4 + c];
      rgb[i * 3 + c] = (uint8_t)((ink * black + 127u) / 255u);
    }
  }
}

int cjpeg_decode_rgb(const uint8_t *bytes, size_t count, uint8_t *rgb, size_t capacity,
                     char message[CJPEG_MESSAGE_SIZE]) {
  struct jpeg_decompress_struct info;
  struct jpeg_progress_mgr progress;
  ErrorManager manager;
  CJPEGHeader header;
  uint8_t *volatile row = NULL;
  memset(&info, 0, sizeof info);
  memset(&progress, 0, sizeof progress);
  info.err = set_up(&manager, message);
  if (setjmp(manager.escape)) {
    free(row);
    jpeg_destroy_decompress(&info);
    return -1;
  }
  jpeg_create_decompress(&info);
  progress.progress_monitor = on_progress;
  info.progress = &progress;
  read_header(&info, bytes, count, &header);
  int is_cmyk = info.num_components == 4;
  info.out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
  size_t width = header.width;
  if (capacity != width * header.height * 3) ERREXIT(&info, JERR_BAD_LENGTH);
  jpeg_start_decompress(&info);
  if (is_cmyk && !(row = malloc(width * 4))) ERREXIT1(&info, JERR_OUT_OF_MEMORY, 0);
  while (info.output_scanline < info.output_height) {
    uint8_t *target = rgb + info.output_scanline * width * 3;
    JSAMPROW rows[1] = {is_cmyk ? row : target};
    jpeg_read_scanlines(&info, rows, 1);
    if (is_cmyk) convert_cmyk(row, target, width, info.saw_Adobe_marker);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  free(row);
  return 0;
}

int cjpeg_encode_rgb(const uint8_t *rgb, uint32_t width, uint32_t height, int quality,
                     uint8_t **out, size_t *out_count, char message[CJPEG_MESSAGE_SIZE]) {
  struct jpeg_compress_struct info;
  ErrorManager manager;
  unsigned char *buffer = NULL;
  unsigned long size = 0;
  // libjpeg changes `buffer` between setjmp and a jump: it is read back through a volatile view.
  unsigned char *volatile *result = (unsigned char *volatile *)&buffer;
  memset(&info, 0, sizeof info);
  info.err = set_up(&manager, message);
  if (setjmp(manager.escape)) {
    jpeg_destroy_compress(&info);
    free(*result);
    return -1;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = width;
  info.image_height = height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  info.optimize_coding = TRUE;
  if (quality >= 90) {
    info.comp_info[0].h_samp_factor = 1;
    info.comp_info[0].v_samp_factor = 1;
  }
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW rows[1] = {(JSAMPROW)(rgb + (size_t)info.next_scanline * width * 3)};
    jpeg_write_scanlines(&info, rows, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  *out = buffer;
  *out_count = size;
  return 0;
}

void cjpeg_orient_rgb(const uint8_t *from, uint32_t width, uint32_t height, int orientation,
                      uint8_t *to) {
  int swaps = orientation >= 5;
  size_t out_width = swaps ? height : width, out_height = swaps ? width : height;
  for (size_t y = 0; y < out_height; y++) {
    for (size_t x = 0; x < out_width; x++) {
      // (u, v): where this pixel lies in the stored picture.
      size_t u = swaps ? y : x, v = swaps ? x : y;
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) {
        u = width - 1 - u;
      }
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) {
        v = height - 1 - v;
      }
      memcpy(to + (y * out_width + x) * 3, from + (v * width + u) * 3, 3);
    }
  }
}

#define TEXT_OF(value) #value
#define TEXT(value) TEXT_OF(value)

const char *cjpeg_version(void) {
#ifdef LIBJPEG_TURBO_VERSION
  return "libjpeg-turbo " TEXT(LIBJPEG_TURBO_VERSION);
#else
  return "libjpeg " TEXT(JPEG_LIB_VERSION);
#endif
}
