package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

const (
	page   = 100       // results that a look-up reads at most, as an answer has them
	stream = 1_000_000 // results that a stream has at most
)

// look reads what a search finds, up to a limit, and says how much and how long it
// took.
func look(src store.Source, s store.Subject, limit int) (n int, took time.Duration, err error) {
	begin := time.Now()
	for _, err := range src.Find(context.Background(), store.Query{Subject: s}) {
		if err != nil {
			return n, 0, fmt.Errorf("%s: %w", s, err)
		}
		if n++; n == limit {
			break
		}
	}
	return n, time.Since(begin), nil
}

// warmly looks up each subject twice, and measures the second time.
func (q *inquiry) warmly() error {
	src, err := store.OpenReader(q.dir)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		var took []time.Duration
		for round := range 2 {
			for _, s := range q.subjects.byKind[kind] {
				n, t, err := look(src, s, page)
				if err != nil {
					return errors.Join(err, src.Close())
				}
				if (n == 0) != (kind == "never") {
					return errors.Join(fmt.Errorf("%s: %d found", s, n), src.Close())
				}
				if round > 0 {
					took = append(took, t)
				}
			}
		}
		q.percentiles("warm."+kind, took)
	}
	return src.Close()
}

// coldly opens the store anew before each look-up, when nothing of it is in memory
// any more; pages that are mapped would stay.
func (q *inquiry) coldly() error {
	for _, kind := range kinds {
		subjects := q.subjects.byKind[kind]
		var took []time.Duration
		for i := range min(q.cold, len(subjects)) {
			if err := q.dropCache(); err != nil {
				return err
			}
			src, err := store.OpenReader(q.dir)
			if err != nil {
				return err
			}
			_, t, err := look(src, subjects[i*len(subjects)/q.cold], page)
			if err = errors.Join(err, src.Close()); err != nil {
				return err
			}
			took = append(took, t)
		}
		q.percentiles("cold."+kind, took)
	}
	return nil
}

func (q *inquiry) percentiles(key string, took []time.Duration) {
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	for name, percent := range map[string]int{".p50": 50, ".p90": 90, ".p99": 99} {
		q.figures[key+name] = took[len(took)*percent/100].Seconds()
	}
}

// streams reads large results to their end, or to a million.
func (q *inquiry) streams() error {
	src, err := store.OpenReader(q.dir)
	if err != nil {
		return err
	}
	for key, s := range map[string]store.Subject{
		"stream.address": store.Address(q.subjects.shared),
		"stream.network": store.Network(netip.MustParsePrefix("0.0.0.0/0")),
		"stream.suffix":  store.Below(rrset.MustName(".")),
	} {
		for range 2 { // the second counts
			n, took, err := look(src, s, stream)
			if err != nil {
				return errors.Join(err, src.Close())
			}
			q.figures[key] = rate(uint64(n), took)
			q.figures[key+".results"] = float64(n)
		}
	}
	return src.Close()
}
