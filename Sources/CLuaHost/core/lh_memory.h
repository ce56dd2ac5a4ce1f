/* Memory of the script: counted, refused, charged. */
#ifndef LH_MEMORY_H
#define LH_MEMORY_H

#include "lh_state.h"

void *lh_allocate(void *context, void *block, size_t old_size, size_t new_size);
void lh_pool_close(lh_pool *pool);
void lh_charge_or_raise(lua_State *L, size_t bytes); /* [-0, +0, may raise] after a collection if need be */
/* How much of a text is kept: it is cut between two characters where it is longer than LH_MOST_TEXT. */
size_t lh_kept_length(const char *text, size_t count);
/* A copy in the script's memory; NULL: there is not so much left. */
char *lh_copy_text(lh_state *H, const char *text, size_t count);
void lh_drop_text(lh_state *H, char *text);

#endif
