#define NCURSES_WIDECHAR 1
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "CTerminal.h"

#include <curses.h>
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

/* term.h makes macros of capability names. */
#undef columns
#undef lines

static SCREEN *screen;
static int color_count;
static int last_visibility;

/* Mouse with drag in SGR form, bracketed paste; Alt as Esc before the key, which xterm does not do by
   itself: what it had is saved (XTSAVE) and comes back (XTRESTORE). */
static const char enter_modes[] = "\033[?1036s\033[?1036h\033[?1002h\033[?1006h\033[?2004h";
static const char leave_modes[] = "\033[?2004l\033[?1006l\033[?1002l\033[?1036r";

int lt_knows_terminal(const char *term) {
    int status = 0;
    return setupterm((char *)term, 1, &status) == OK && status == 1;
}

static int write_all(const uint8_t *bytes, size_t count);

static void write_modes(const char *modes, size_t count) {
    write_all((const uint8_t *)modes, count);
}

static void configure(void) {
    raw();
    noecho();
    nonl();
    /* Moved lines and characters would take the pixels of pictures beside them along. */
    idlok(stdscr, FALSE);
    idcok(stdscr, FALSE);
    scrollok(stdscr, FALSE);
    leaveok(stdscr, FALSE);
    typeahead(-1);
}

int lt_open(const char *term, int uses_colors) {
    if (screen) return 0;
    setlocale(LC_CTYPE, "");
    if (MB_CUR_MAX < 2) setlocale(LC_CTYPE, "C.UTF-8");
    screen = newterm((char *)term, stdout, stdin);
    if (!screen) return -1;
    set_term(screen);
    configure();
    color_count = 0;
    if (uses_colors && has_colors() && start_color() == OK) {
        use_default_colors();
        color_count = COLORS;
    }
    last_visibility = -1;
    write_modes(enter_modes, sizeof enter_modes - 1);
    return 0;
}

void lt_close(void) {
    if (!screen) return;
    lt_begin_write();
    write_modes(leave_modes, sizeof leave_modes - 1);
    curs_set(1);
    endwin();
    lt_end_write();
    delscreen(screen);
    screen = NULL;
    lt_restore_if_given_up();
}

void lt_suspend(void) {
    if (!screen) return;
    lt_ignore_interrupts(1);
    lt_begin_write();
    write_modes(leave_modes, sizeof leave_modes - 1);
    curs_set(1);
    last_visibility = -1;
    endwin();
    lt_end_write();
}

void lt_resume(void) {
    if (!screen) return;
    lt_ignore_interrupts(0);
    lt_begin_write();
    reset_prog_mode();
    clearok(curscr, TRUE);
    refresh();
    write_modes(enter_modes, sizeof enter_modes - 1);
    lt_end_write();
}

int lt_colors(void) { return color_count; }

const char *lt_key_sequence(const char *capability) {
    char *text = tigetstr((char *)capability);
    return (text == (char *)-1) ? NULL : text;
}

lt_window lt_window_size(void) {
    lt_window window = {24, 80, 0, 0};
    struct winsize size;
    if (ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        window.rows = size.ws_row;
        window.columns = size.ws_col;
        window.cell_width = size.ws_xpixel / size.ws_col;
        window.cell_height = size.ws_ypixel / size.ws_row;
    }
    return window;
}

void lt_resize(int rows, int columns) {
    if (!screen) return;
    resizeterm(rows, columns);
    clearok(curscr, TRUE);
}

static attr_t curses_attributes(unsigned attributes) {
    attr_t result = A_NORMAL;
    if (attributes & LT_BOLD) result |= A_BOLD;
    if (attributes & LT_DIM) result |= A_DIM;
    if (attributes & LT_ITALIC) result |= A_ITALIC;
    if (attributes & LT_UNDERLINE) result |= A_UNDERLINE;
    if (attributes & LT_REVERSE) result |= A_REVERSE;
    return result;
}

void lt_put(int row, int column, const wchar_t *text, unsigned attributes, int foreground,
            int background) {
    if (!screen || row < 0 || column < 0 || row >= LINES || column >= COLS) return;
    int pair = 0;
    if (color_count > 0 && (foreground != -1 || background != -1)) {
        pair = alloc_pair(foreground, background);
        if (pair < 0) pair = 0;
    }
    cchar_t cell;
    if (setcchar(&cell, text, curses_attributes(attributes), 0, &pair) == OK)
        mvadd_wch(row, column, &cell);
}

wchar_t lt_cell(int row, int column) {
    if (!screen || row < 0 || column < 0 || row >= LINES || column >= COLS) return 0;
    cchar_t cell;
    wchar_t text[CCHARW_MAX + 1] = {0};
    attr_t attributes;
    short pair;
    int extended;
    if (mvin_wch(row, column, &cell) == ERR) return 0;
    if (getcchar(&cell, text, &attributes, &pair, &extended) == ERR) return 0;
    return text[0];
}

void lt_repaint_rows(int first, int count) {
    if (screen) wredrawln(stdscr, first, count);
}

void lt_repaint_all(void) {
    if (screen) clearok(curscr, TRUE);
}

void lt_flush(int row, int column, int is_visible) {
    if (!screen || lt_is_crashing()) return;
    lt_begin_write();
    if (is_visible != last_visibility) {
        curs_set(is_visible ? 1 : 0);
        last_visibility = is_visible;
    }
    move(row, column);
    wnoutrefresh(stdscr);
    doupdate();
    lt_end_write();
}

int lt_write(const uint8_t *bytes, size_t count) {
    lt_begin_write();
    int status = write_all(bytes, count);
    lt_end_write();
    return status;
}

static int write_all(const uint8_t *bytes, size_t count) {
    fflush(stdout);
    while (count > 0) {
        if (lt_is_crashing()) return -1;
        ssize_t written = write(1, bytes, count);
        if (written >= 0) {
            bytes += written;
            count -= (size_t)written;
        } else if (errno == EAGAIN) {
            struct pollfd wait = {1, POLLOUT, 0};
            if (poll(&wait, 1, 2000) <= 0) return -1;
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return 0;
}

int lt_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

int lt_columns(uint32_t scalar) {
    setlocale(LC_CTYPE, "C.UTF-8");
    return wcwidth((wchar_t)scalar);
}
