#ifndef CSIGNALS_H
#define CSIGNALS_H

// SIGINT and SIGTERM as bytes in a pipe. The handlers are in place when the call returns, so no
// signal falls between two states, and nothing but write() happens inside them.

// Catches both signals. Returns the end of the pipe to read from, one byte per signal, or -1.
// One catch at a time.
int csignals_catch(void);

// Gives the signals back their default action and closes the pipe.
void csignals_release(void);

// Lets no core be written, now and by the programs that this one starts: it would hold the keys of
// the environment.
void csignals_forbid_cores(void);

#endif
