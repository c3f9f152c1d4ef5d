/* mtbl with figures that add up: what its API takes many calls for. */
#include <mtbl.h>
#include <stddef.h>
#include <stdint.h>

struct mtbl_sorter *tables_sorter(const char *dir);

/* Adds pairs that package peer has laid out flat; 0 if that fails. */
int tables_put(struct mtbl_sorter *s, const uint8_t *flat, size_t len);

/* Writes what a sorter holds to a new file and ends it; 0 if that fails. */
int tables_write(struct mtbl_sorter *s, const char *path);

/* Merges files into a new one; 0 if that fails. */
int tables_merge(char **paths, size_t n, const char *path);
