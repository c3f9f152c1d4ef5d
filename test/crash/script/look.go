package script

import (
	"context"
	"io"
	"path/filepath"

	"example.org/pdns/plugin/pkg/store"
)

// looks is how often a reader asks for everything.
const looks = 3

// look is a reader beside a writer that is at work.
func look(p *Program) error {
	src, err := store.OpenReader(filepath.Join(p.root, storeDir))
	if err != nil {
		return err
	}
	defer src.Close()
	anything := &Promise{Added: total}
	for n := range looks {
		p.say("look %d", n+1)
		_, to, err := anything.checkSource(src)
		if err != nil {
			return err
		}
		p.say("saw %d", to)
	}
	return nil
}

// A Writer works on a store in this process, step by step, while another reads.
type Writer struct{ p *Program }

// NewWriter opens a store below a root, and takes a first step.
func NewWriter(root string) (*Writer, error) {
	w := &Writer{newProgram(root, io.Discard)}
	if err := w.p.open(); err != nil {
		return nil, err
	}
	return w, w.Step()
}

// Step flushes a few observations and merges everything: the files that were there
// before are gone then.
func (w *Writer) Step() error {
	if err := w.p.flush(w.p.added + 3); err != nil {
		return err
	}
	return w.p.store.Merge(context.Background(), true, nil)
}

// Kept is how many observations are on disk.
func (w *Writer) Kept() int { return w.p.added }

// Close closes the store.
func (w *Writer) Close() error { return w.p.store.Close() }
