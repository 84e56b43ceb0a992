#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

// libpng behind calls that never jump: libpng reports errors by longjmp, which must not cross Swift
// frames, so every setjmp lives in CPNG.c.

enum { CPNG_MESSAGE_SIZE = 160 };

typedef struct {
  uint32_t width;
  uint32_t height;
  int bit_depth;
  // Bits of PNG's colour type: 1 palette, 2 colour, 4 alpha.
  int color_type;
  // Whether alpha or a transparent colour is present.
  int has_alpha;
} CPNGHeader;

// Reads the header chunk and checks what follows it up to the first picture data.
// Returns 0, or -1 with a message.
int cpng_read_header(const uint8_t *bytes, size_t count, CPNGHeader *header,
                     char message[CPNG_MESSAGE_SIZE]);

// What becomes of transparency.
typedef enum {
  CPNG_ALPHA_OVER_WHITE,
  CPNG_ALPHA_IGNORED,
  CPNG_ALPHA_OVER_BLACK,
} CPNGAlpha;

// Decodes to 8-bit RGB, rows from top to bottom without padding: width * height * 3 bytes.
// Every colour type, depth and interlacing is converted. `capacity` must be that size.
// Returns 0, or -1 with a message; `rgb` is then undefined.
int cpng_decode_rgb(const uint8_t *bytes, size_t count, CPNGAlpha alpha, uint8_t *rgb,
                    size_t capacity, char message[CPNG_MESSAGE_SIZE]);

// Encodes 8-bit RGB (3 channels) or RGBA (4). `level` is zlib's, 1 (fast) to 9 (small). On success
// `*out` is to be released with free(). Returns 0, or -1 with a message.
int cpng_encode(const uint8_t *pixels, int channels, uint32_t width, uint32_t height, int level,
                uint8_t **out, size_t *out_count, char message[CPNG_MESSAGE_SIZE]);

// libpng's version, "1.6.39".
const char *cpng_version(void);

#endif
