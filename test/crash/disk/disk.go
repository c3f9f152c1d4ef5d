// Package disk works out what a disk may hold when the power fails: of what a
// program did to its files, that is certain which it has synced; of the rest any
// part may be there.
//
// A file's data is certain after fsync of the file, its name after fsync of the
// directory. Until then each write and each change of a directory is there or
// not, in any combination, and a rename from one directory to another is a change
// of each: file systems promise more, each its own. What was
// waiting when an fsync fails is never written, as on Linux, where a later fsync
// says that all is well.
package disk

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"example.org/pdns/test/crash/tracer"
)

// A Disk follows the operations of a program below its root.
type Disk struct {
	names   map[string]*file // as the program sees them
	certain map[string]*file // as they are after the power failed
	waiting []change         // of names, oldest first
}

// A file is one, or a directory, whatever it is called.
type file struct {
	dir     bool
	content []byte // as the program sees it
	certain []byte
	waiting []write // oldest first
}

// A change is that of names in a directory: one gets a file, or goes.
type change struct {
	in    string
	names map[string]*file // nil: it goes
}

// A write puts data at an offset, or cuts the file there.
type write struct {
	at   int64
	data []byte
	cut  bool
}

func (w *write) apply(to []byte) []byte {
	end := w.at
	if !w.cut {
		end = max(int64(len(to)), w.at+int64(len(w.data)))
	}
	if more := end - int64(len(to)); more > 0 {
		to = append(to, make([]byte, more)...)
	}
	to = to[:end]
	copy(to[w.at:], w.data)
	return to
}

// New returns a disk on which it is certain what is there.
func New(start map[string][]byte) *Disk {
	d := &Disk{names: map[string]*file{}, certain: map[string]*file{}}
	for path, b := range start {
		f := &file{dir: b == nil, content: bytes.Clone(b), certain: bytes.Clone(b)}
		d.names[path], d.certain[path] = f, f
	}
	return d
}

// Do takes in an operation that is over.
func (d *Disk) Do(op *tracer.Op) error {
	if op.Call == "fsync" || op.Call == "fdatasync" {
		return d.sync(op)
	}
	if op.Err != 0 {
		return nil
	}
	switch op.Call {
	case "openat":
		return d.open(op)
	case "mkdirat":
		d.rename(op.Path, &file{dir: true}, "")
	case "unlinkat":
		d.rename("", nil, op.Path)
	case "linkat":
		d.rename(op.To, d.names[op.Path], "")
	case "renameat":
		d.rename(op.To, d.names[op.Path], op.Path)
	case "write", "pwrite64":
		return d.write(op, write{at: op.Offset, data: op.Data})
	case "ftruncate":
		return d.write(op, write{at: op.Size, cut: true})
	case "mmap":
		if op.Shared && op.Flags&protWrite != 0 {
			return fmt.Errorf("%s: a mapping that is written to, of which no operation tells", op.Path)
		}
	}
	return nil
}

const protWrite = 2

func (d *Disk) open(op *tracer.Op) error {
	f := d.names[op.Path]
	if f == nil && op.Flags&os.O_CREATE != 0 {
		d.rename(op.Path, &file{}, "")
	}
	if f != nil && op.Flags&os.O_TRUNC != 0 {
		return d.write(op, write{cut: true})
	}
	return nil
}

// rename gives a file a name, if there is one, and takes one away. In one
// directory that is one change.
func (d *Disk) rename(to string, f *file, from string) {
	switch {
	case from == "":
		d.change(to, map[string]*file{to: f})
	case to == "":
		d.change(from, map[string]*file{from: nil})
	case filepath.Dir(to) == filepath.Dir(from):
		d.change(to, map[string]*file{to: f, from: nil})
	default:
		d.change(to, map[string]*file{to: f})
		d.change(from, map[string]*file{from: nil})
	}
}

// change lets the program see a change in the directory of a path.
func (d *Disk) change(path string, names map[string]*file) {
	c := change{filepath.Dir(path), names}
	d.waiting = append(d.waiting, c)
	c.apply(d.names)
}

func (c *change) apply(to map[string]*file) {
	for name, f := range c.names {
		if f == nil {
			delete(to, name)
		} else {
			to[name] = f
		}
	}
}

func (d *Disk) write(op *tracer.Op, w write) error {
	f := d.names[op.Path]
	switch {
	case op.Gone:
		return nil // nobody will see it
	case f == nil:
		return fmt.Errorf("%v: of a file that nobody made", op)
	}
	f.content = w.apply(f.content)
	f.waiting = append(f.waiting, w)
	return nil
}

func (d *Disk) sync(op *tracer.Op) error {
	f := d.names[op.Path]
	switch {
	case op.Gone || op.Path == "." && op.Err != 0:
		return nil
	case f == nil && op.Path != ".":
		return fmt.Errorf("%v: of a file that nobody made", op)
	case f == nil || f.dir:
		if op.Err == 0 {
			d.syncNames(op.Path)
		}
		return nil
	case op.Err == 0:
		for _, w := range f.waiting {
			f.certain = w.apply(f.certain)
		}
	}
	f.waiting = nil
	return nil
}

func (d *Disk) syncNames(dir string) {
	d.waiting = slices.DeleteFunc(d.waiting, func(c change) bool {
		if c.in == dir {
			c.apply(d.certain)
		}
		return c.in == dir
	})
}

// A Tree is what a disk holds.
type Tree struct {
	Files map[string][]byte // by path; directories have nil
	Links map[string]string // further names of files in Files
}

// After is what the disk holds when the power fails now, with such a loss.
func (d *Disk) After(l Loss) Tree {
	names := maps.Clone(d.certain)
	for _, c := range d.waiting {
		if l.Name() {
			c.apply(names)
		}
	}
	t := Tree{map[string][]byte{}, map[string]string{}}
	first := map[*file]string{}
	for _, path := range slices.Sorted(maps.Keys(names)) {
		if _, ok := t.Files[filepath.Dir(path)]; !ok && filepath.Dir(path) != "." {
			continue // what it was in is gone
		}
		f := names[path]
		switch have, linked := first[f]; {
		case f.dir:
			t.Files[path] = nil
		case linked:
			t.Links[path] = have
		default:
			first[f] = path
			t.Files[path] = l.Data(f)
		}
	}
	return t
}

// Write makes a tree below a directory that exists.
func (t Tree) Write(root string) error {
	for _, path := range slices.Sorted(maps.Keys(t.Files)) {
		var err error
		if b := t.Files[path]; b == nil {
			err = os.Mkdir(filepath.Join(root, path), 0o700)
		} else {
			err = os.WriteFile(filepath.Join(root, path), b, 0o600)
		}
		if err != nil {
			return err
		}
	}
	for path, have := range t.Links {
		if err := os.Link(filepath.Join(root, have), filepath.Join(root, path)); err != nil {
			return err
		}
	}
	return nil
}
