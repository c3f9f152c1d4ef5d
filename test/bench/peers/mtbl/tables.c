//go:build mtbl

#include "tables.h"
#include "figures.h"

#include <stdlib.h>
#include <string.h>

/* Adds two values of the forward tree; those of the others are alike. A malformed
 * one, which nobody has written, counts for nothing. */
static void sum(void *state, const uint8_t *key, size_t key_len, const uint8_t *a, size_t a_len, const uint8_t *b,
		size_t b_len, uint8_t **value, size_t *len) {
	struct figures f, g;
	(void)state;
	*len = 0;
	*value = malloc(a_len + FIGURES_MAX);
	if (*value == NULL)
		return;
	if (key_len == 0 || *key != 'f' || !figures_parse(a, a_len, &f)) {
		memcpy(*value, a, a_len);
		*len = a_len;
		return;
	}
	if (figures_parse(b, b_len, &g))
		figures_add(&f, &g);
	*len = figures_write(*value, &f);
}

struct mtbl_sorter *tables_sorter(const char *dir) {
	struct mtbl_sorter_options *o = mtbl_sorter_options_init();
	mtbl_sorter_options_set_merge_func(o, sum, NULL);
	mtbl_sorter_options_set_temp_dir(o, dir);
	mtbl_sorter_options_set_max_memory(o, 256 << 20);
	struct mtbl_sorter *s = mtbl_sorter_init(o);
	mtbl_sorter_options_destroy(&o);
	return s;
}

int tables_put(struct mtbl_sorter *s, const uint8_t *flat, size_t len) {
	for (const uint8_t *p = flat, *end = flat + len; p < end;) {
		uint32_t key_len, value_len;
		memcpy(&key_len, p, 4);
		memcpy(&value_len, p + 4, 4);
		if (mtbl_sorter_add(s, p + 8, key_len, p + 8 + key_len, value_len) != mtbl_res_success)
			return 0;
		p += 8 + key_len + value_len;
	}
	return 1;
}

static struct mtbl_writer *writer(const char *path) {
	struct mtbl_writer_options *o = mtbl_writer_options_init();
	mtbl_writer_options_set_compression(o, MTBL_COMPRESSION_ZSTD);
	struct mtbl_writer *w = mtbl_writer_init(path, o);
	mtbl_writer_options_destroy(&o);
	return w;
}

int tables_write(struct mtbl_sorter *s, const char *path) {
	struct mtbl_writer *w = writer(path);
	int ok = w != NULL && mtbl_sorter_write(s, w) == mtbl_res_success;
	mtbl_sorter_destroy(&s);
	if (w != NULL)
		mtbl_writer_destroy(&w);
	return ok;
}

int tables_merge(char **paths, size_t n, const char *path) {
	struct mtbl_reader **readers = calloc(n + 1, sizeof(*readers));
	struct mtbl_merger_options *o = mtbl_merger_options_init();
	mtbl_merger_options_set_merge_func(o, sum, NULL);
	struct mtbl_merger *m = mtbl_merger_init(o);
	mtbl_merger_options_destroy(&o);
	int ok = readers != NULL;
	for (size_t i = 0; ok && i < n; i++) {
		readers[i] = mtbl_reader_init(paths[i], NULL);
		if ((ok = readers[i] != NULL))
			mtbl_merger_add_source(m, mtbl_reader_source(readers[i]));
	}
	struct mtbl_writer *w = ok ? writer(path) : NULL;
	ok = w != NULL && mtbl_source_write(mtbl_merger_source(m), w) == mtbl_res_success;
	if (w != NULL)
		mtbl_writer_destroy(&w);
	mtbl_merger_destroy(&m);
	for (size_t i = 0; readers != NULL && i < n && readers[i] != NULL; i++)
		mtbl_reader_destroy(&readers[i]);
	free(readers);
	return ok;
}
