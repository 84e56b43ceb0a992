#ifndef CJPEG_H
#define CJPEG_H

#include <stddef.h>
#include <stdint.h>

// libjpeg behind calls that never jump or exit: its error handler longjmps, so every setjmp lives
// in CJPEG.c.

enum { CJPEG_MESSAGE_SIZE = 240 };

typedef struct {
  // Size as stored, before the orientation is applied.
  uint32_t width;
  uint32_t height;
  // Colour components in the file: 1 gray, 3 colour, 4 CMYK.
  int components;
  // EXIF orientation, 1 to 8; 1 when absent.
  int orientation;
} CJPEGHeader;

// Reads the header. Returns 0, or -1 with a message.
int cjpeg_read_header(const uint8_t *bytes, size_t count, CJPEGHeader *header,
                      char message[CJPEG_MESSAGE_SIZE]);

// Decodes to 8-bit RGB in the orientation as stored: width * height * 3 bytes (`capacity`).
// Gray, YCbCr, RGB, CMYK and YCCK are converted; data that ends early is an error.
// Returns 0, or -1 with a message; `rgb` is then undefined.
int cjpeg_decode_rgb(const uint8_t *bytes, size_t count, uint8_t *rgb, size_t capacity,
                     char message[CJPEG_MESSAGE_SIZE]);

// Encodes 8-bit RGB with `quality` 1 to 100; from 90 on colour is not subsampled. On success
// `*out` is to be released with free(). Returns 0, or -1 with a message.
int cjpeg_encode_rgb(const uint8_t *rgb, uint32_t width, uint32_t height, int quality,
                     uint8_t **out, size_t *out_count, char message[CJPEG_MESSAGE_SIZE]);

// Applies an EXIF orientation (1 to 8): `to` receives the upright picture, whose sides are swapped
// for orientations 5 to 8.
void cjpeg_orient_rgb(const uint8_t *from, uint32_t width, uint32_t height, int orientation,
                      uint8_t *to);

// The version that the program was compiled against, "libjpeg-turbo 2.1.5".
const char *cjpeg_version(void);

#endif
