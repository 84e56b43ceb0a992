#ifndef CTERMINAL_H
#define CTERMINAL_H

#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

/*
 * The few curses and terminal calls that Swift cannot express: curses' globals are not safe to
 * import, its attributes are macros. All functions except the crash handler's own work belong to
 * one thread, the terminal thread. Colours are indices of the terminal, -1 its default colour; with
 * direct colour they are 0xRRGGBB.
 */

/* Attributes of a cell; the same bits as Style.Attributes. */
enum { LT_BOLD = 1, LT_DIM = 2, LT_ITALIC = 4, LT_UNDERLINE = 8, LT_REVERSE = 16 };

/* Window size in cells; the size of a cell in pixels is 0 where it is not known. */
typedef struct {
    int rows, columns, cell_width, cell_height;
} lt_window;

/* Whether terminfo has an entry of that name. */
int lt_knows_terminal(const char *term);

/* Starts curses on descriptors 0 and 1 with that terminfo entry. 0 on success. */
int lt_open(const char *term, int uses_colors);
/* Ends curses and restores the terminal; further calls do nothing. */
void lt_close(void);
/* Leaves the screen to another program, and takes it back with everything repainted. */
void lt_suspend(void);
void lt_resume(void);

/* Number of colours: 0 for a monochrome terminal. */
int lt_colors(void);
/* The bytes of a key in terminfo ("kcuu1"), or NULL. */
const char *lt_key_sequence(const char *capability);

lt_window lt_window_size(void);
void lt_resize(int rows, int columns);

/* Puts one character (base and combining marks, ended by 0) at a cell. */
void lt_put(int row, int column, const wchar_t *text, unsigned attributes, int foreground,
            int background);
/* The first character of a cell as curses believes it shows; 0 when outside. */
wchar_t lt_cell(int row, int column);
/* Rows are repainted with the next flush although curses believes them unchanged. */
void lt_repaint_rows(int first, int count);
/* The whole screen is cleared and repainted with the next flush. */
void lt_repaint_all(void);
/* Sends what changed; the cursor ends at a cell, invisible when is_visible is 0. */
void lt_flush(int row, int column, int is_visible);
/* Writes bytes to the terminal past curses. 0 on success. */
int lt_write(const uint8_t *bytes, size_t count);

/* Every signal that concerns a terminal program is written as one byte to a descriptor. */
void lt_signals_to(int descriptor);
/* Default handling again. */
void lt_signals_default(void);
/* Around everything that may wait for the terminal to take it: after a signal that ends the program
   it does not wait for long. Not nested. */
void lt_begin_write(void);
void lt_end_write(void);
/* Whether SIGINT is meant for another program that has the terminal, and does not end this one. */
void lt_ignore_interrupts(int ignores);
/* Restores a terminal that took nothing any more, as far as it takes that. */
void lt_restore_if_given_up(void);
/* Stops the process as SIGTSTP does; returns after it continued. */
void lt_stop(void);

/* From now on memory that is free goes back to the system rather than into pools of the C library:
   a studio may be open for days. */
void lt_return_memory(void);
/* Gives back what is free now. */
void lt_trim_memory(void);

/* Runs a command of the shell on the terminal and waits for it; its status, -1 when it could not be
   started. */
int lt_run(const char *command);

/* Remembers the terminal's settings; a crash puts them back with async-signal-safe calls only. */
void lt_arm_crash_restore(void);
/* Whether such a crash is under way: nothing else may be written any more. */
int lt_is_crashing(void);

/* Columns of a character in the locale that lt_open has set, -1 for none. */
int lt_width(uint32_t scalar);
/* Columns that the C library gives a character in a UTF-8 locale, -1 for none. */
int lt_columns(uint32_t scalar);

#endif
