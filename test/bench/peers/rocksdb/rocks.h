/* RocksDB with figures that add up: what the C API takes many calls for. */
#include <rocksdb/c.h>
#include <stddef.h>
#include <stdint.h>

/* Options of a database whose keys are merged by adding figures. */
rocksdb_options_t *rocks_options(void);

/* Writes pairs that package peer has laid out flat: those of the forward
 * tree are merged, the others put. */
void rocks_put(rocksdb_t *db, rocksdb_writeoptions_t *o, const uint8_t *flat, size_t len, char **err);

/* Returns when no compaction is under way or due. */
void rocks_wait(rocksdb_t *db);
