/* Figures as values, in C: what package peer writes, see figures.go there. */
#ifndef FIGURES_H
#define FIGURES_H

#include <stddef.h>
#include <stdint.h>

/* Most bytes that a value has: five varints of 64 bits, and the marks. */
#define FIGURES_MAX 51
#define FIGURES_HAS_TTL 1

struct figures {
	uint64_t first, last, count, ttl_min, ttl_max;
	uint8_t marks;
};

static inline const uint8_t *figures_varint(const uint8_t *p, const uint8_t *end, uint64_t *v) {
	*v = 0;
	for (int shift = 0; p != NULL && p < end && shift < 64; shift += 7) {
		*v |= (uint64_t)(*p & 0x7f) << shift;
		if (*p++ < 0x80)
			return p;
	}
	return NULL;
}

/* Reads a value; 0 if it is malformed. */
static inline int figures_parse(const uint8_t *p, size_t len, struct figures *f) {
	const uint8_t *end = p + len;
	p = figures_varint(p, end, &f->first);
	p = figures_varint(p, end, &f->last);
	p = figures_varint(p, end, &f->count);
	p = figures_varint(p, end, &f->ttl_min);
	p = figures_varint(p, end, &f->ttl_max);
	if (p == NULL || end - p != 1)
		return 0;
	f->last += f->first;
	f->ttl_max += f->ttl_min;
	f->marks = *p;
	return 1;
}

static inline uint8_t *figures_put(uint8_t *p, uint64_t v) {
	for (; v >= 0x80; v >>= 7)
		*p++ = (uint8_t)v | 0x80;
	*p++ = (uint8_t)v;
	return p;
}

/* Writes a value into FIGURES_MAX bytes and returns its length. */
static inline size_t figures_write(uint8_t *dst, const struct figures *f) {
	uint8_t *p = dst;
	p = figures_put(p, f->first);
	p = figures_put(p, f->last - f->first);
	p = figures_put(p, f->count);
	p = figures_put(p, f->ttl_min);
	p = figures_put(p, f->ttl_max - f->ttl_min);
	*p++ = f->marks;
	return (size_t)(p - dst);
}

/* Adds g to f. */
static inline void figures_add(struct figures *f, const struct figures *g) {
	if (g->first < f->first)
		f->first = g->first;
	if (g->last > f->last)
		f->last = g->last;
	f->count += g->count;
	if (g->marks & FIGURES_HAS_TTL) {
		if (!(f->marks & FIGURES_HAS_TTL) || g->ttl_min < f->ttl_min)
			f->ttl_min = g->ttl_min;
		if (!(f->marks & FIGURES_HAS_TTL) || g->ttl_max > f->ttl_max)
			f->ttl_max = g->ttl_max;
	}
	f->marks |= g->marks;
}

#endif
