//go:build rocksdb

#include "rocks.h"
#include "figures.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Adds operands to what is held, or to one another: order does not matter. */
static char *sum(const char *held, size_t held_len, const char *const *operands, const size_t *lens, int n,
		unsigned char *success, size_t *len) {
	struct figures f, g;
	int i = 0;
	*success = 0;
	*len = 0;
	if (held != NULL) {
		if (!figures_parse((const uint8_t *)held, held_len, &f))
			return NULL;
	} else {
		if (n == 0 || !figures_parse((const uint8_t *)operands[0], lens[0], &f))
			return NULL;
		i = 1;
	}
	for (; i < n; i++) {
		if (!figures_parse((const uint8_t *)operands[i], lens[i], &g))
			return NULL;
		figures_add(&f, &g);
	}
	char *value = malloc(FIGURES_MAX);
	if (value == NULL)
		return NULL;
	*len = figures_write((uint8_t *)value, &f);
	*success = 1;
	return value;
}

static char *full(void *state, const char *key, size_t key_len, const char *held, size_t held_len,
		const char *const *operands, const size_t *lens, int n, unsigned char *success, size_t *len) {
	(void)state, (void)key, (void)key_len;
	return sum(held, held_len, operands, lens, n, success, len);
}

static char *partial(void *state, const char *key, size_t key_len, const char *const *operands, const size_t *lens,
		int n, unsigned char *success, size_t *len) {
	(void)state, (void)key, (void)key_len;
	return sum(NULL, 0, operands, lens, n, success, len);
}

static void nothing(void *state) { (void)state; }

static void release(void *state, const char *value, size_t len) {
	(void)state, (void)len;
	free((void *)value);
}

static const char *name(void *state) {
	(void)state;
	return "figures";
}

rocksdb_options_t *rocks_options(void) {
	rocksdb_options_t *o = rocksdb_options_create();
	rocksdb_options_set_create_if_missing(o, 1);
	rocksdb_options_increase_parallelism(o, 2);
	rocksdb_options_optimize_level_style_compaction(o, 256 << 20);
	rocksdb_options_set_compression(o, rocksdb_lz4_compression);
	rocksdb_options_set_bottommost_compression(o, rocksdb_zstd_compression);
	rocksdb_options_set_merge_operator(o, rocksdb_mergeoperator_create(NULL, nothing, full, partial, release, name));
	rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
	rocksdb_cache_t *cache = rocksdb_cache_create_lru(128 << 20);
	rocksdb_block_based_options_set_block_cache(table, cache);
	rocksdb_cache_destroy(cache); /* the table holds it */
	rocksdb_block_based_options_set_block_size(table, 16 << 10);
	rocksdb_options_set_block_based_table_factory(o, table);
	rocksdb_block_based_options_destroy(table);
	return o;
}

void rocks_put(rocksdb_t *db, rocksdb_writeoptions_t *o, const uint8_t *flat, size_t len, char **err) {
	rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
	for (const uint8_t *p = flat, *end = flat + len; p < end;) {
		uint32_t key_len, value_len;
		memcpy(&key_len, p, 4);
		memcpy(&value_len, p + 4, 4);
		const char *key = (const char *)p + 8;
		if (*key == 'f')
			rocksdb_writebatch_merge(batch, key, key_len, key + key_len, value_len);
		else
			rocksdb_writebatch_put(batch, key, key_len, key + key_len, value_len);
		p += 8 + key_len + value_len;
	}
	rocksdb_write(db, o, batch, err);
	rocksdb_writebatch_destroy(batch);
}

void rocks_wait(rocksdb_t *db) {
	const char *busy[] = {"rocksdb.compaction-pending", "rocksdb.num-running-compactions", "rocksdb.mem-table-flush-pending",
			"rocksdb.num-running-flushes"};
	for (int still = 0; still < 3; still++) {
		for (size_t i = 0; i < sizeof(busy) / sizeof(*busy); i++) {
			uint64_t n = 0;
			if (rocksdb_property_int(db, busy[i], &n) == 0 && n > 0)
				still = -1;
		}
		usleep(10000);
	}
}
