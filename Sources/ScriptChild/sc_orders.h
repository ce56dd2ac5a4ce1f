/* What the parent orders, carried out on the one Lua state of this process. */
#ifndef SC_ORDERS_H
#define SC_ORDERS_H

void sc_obey(void);       /* the next order, to its end */
void sc_stop(int reason); /* safe in a signal handler */
void sc_open_output(void); /* standard output becomes frames */
int sc_is_abandoned(void);
void sc_abandon(void);    /* the parent says that nobody reads standard output any more */

#endif
