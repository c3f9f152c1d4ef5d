package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/manifest"
)

// source opens the store for reading.
func (p *program) source() (store.Source, error) {
	if err := p.checkStore(); err != nil {
		return nil, err
	}
	src, err := store.OpenReader(p.store)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, p.noStore(err)
	}
	return src, p.refused(err, insteadOfReading)
}

// coverage is what a source can know. A run by itself, without its store, does not
// say: that is what it holds.
func coverage(src store.Source) (store.Coverage, error) {
	c, err := src.Coverage()
	if err != nil || !c.Since.IsZero() {
		return c, err
	}
	stats, err := src.Stats()
	if len(stats.Runs) == 1 {
		c.Since, c.Until = stats.Runs[0].First, stats.Runs[0].Last
	}
	return c, err
}

// keeps is how much the collector keeps that last recorded into the store; 0 for ever,
// or if none has.
func (p *program) keeps() time.Duration {
	m, err := manifest.Load(p.store)
	if err != nil { // a new store has none, and whoever opens one tells
		return 0
	}
	return time.Duration(m.Keep) * time.Second
}

// writable opens the store for writing.
func (p *program) writable() (*store.Store, error) { return p.writableBy(store.Options{}) }

// writableBy opens the store for writing, with options beside those that every
// visit has.
func (p *program) writableBy(o store.Options) (*store.Store, error) {
	o.Visit, o.Now = true, clock.Now
	return p.openBy(o)
}

// openBy opens the store for writing.
func (p *program) openBy(o store.Options) (*store.Store, error) {
	if err := p.checkStore(); err != nil {
		return nil, err
	}
	if info, err := os.Stat(p.store); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("--store %s is a file, want a store's directory", p.store)
	}
	o.Events.Error = func(err error) { p.say("warning: %v", err) }
	s, err := store.Open(p.store, o)
	if errors.Is(err, store.ErrLocked) {
		return nil, withHint(err, "CoreDNS or another pdns writes to it: stop that, or work in another directory")
	}
	if err != nil {
		return nil, p.refused(err, insteadOfWriting)
	}
	if why := s.ReadOnly(); why != nil {
		return nil, errors.Join(why, s.Close())
	}
	return s, nil
}

// existing opens for writing a store that is there already.
func (p *program) existing() (*store.Store, error) {
	if err := p.checkStore(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(p.store); errors.Is(err, fs.ErrNotExist) {
		return nil, p.noStore(err)
	}
	return p.writable()
}

func (p *program) noStore(err error) error {
	return withHint(err, "name the store with --store or PDNS_STORE; CoreDNS with pdnscollect, or pdns import, makes one")
}

// checkStore refuses addresses of servers.
func (p *program) checkStore() error {
	if scheme, _, ok := strings.Cut(p.store, "://"); ok {
		return fmt.Errorf("--store %s: %s is not supported, want a directory or a snapshot file", p.store, scheme)
	}
	return nil
}

// parseTime reads the time that a flag gives; 0 if it was not given. A date is
// its last second with end, else its first.
func parseTime(flag, text string, end bool) (int64, error) {
	if text == "" {
		return 0, nil
	}
	t, err := question.ParseTime(text, clock.Now(), end)
	if err != nil {
		return 0, fmt.Errorf("--%s: %w", flag, err)
	}
	return t, nil
}

// window reads the flags --since and --until.
func window(since, until string) (store.Fences, error) {
	from, err := parseTime("since", since, false)
	if err != nil {
		return store.Fences{}, err
	}
	to, err := parseTime("until", until, true)
	if err != nil {
		return store.Fences{}, err
	}
	if from != 0 && to != 0 && to < from {
		return store.Fences{}, fmt.Errorf("--until %s is before --since %s", stamp(to), stamp(from))
	}
	return question.Window(from, to), nil
}

func stamp(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }
