package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"example.org/pdns/plugin/pkg/store/manifest"
)

// mostImported is how many files are remembered.
const mostImported = 2_000

// imported is what is known of the files that were imported. The list is replaced,
// never changed: the store writes it in the background.
type imported struct{ list []manifest.Import }

// record adds an entry, in place of what was known of the same file as far as
// before. What a file was when it was whole stays known: there may be copies of it.
func (im *imported) record(e manifest.Import, before *manifest.Import) *manifest.Import {
	list := make([]manifest.Import, 0, len(im.list)+1)
	for _, old := range im.list {
		same := old.Sum == e.Sum && slices.Equal(old.Choice, e.Choice)
		superseded := before != nil && before.Extent != manifest.Whole && old.Sum == before.Sum && slices.Equal(old.Choice, before.Choice)
		if !same && !superseded {
			list = append(list, old)
		}
	}
	list = append(list, e)
	im.list = list[max(0, len(list)-mostImported):]
	return &e
}

// holds reports whether a file that was imported whole held just this, and of it
// what was to be taken was in part the same.
func (im *imported) holds(e manifest.Import) bool {
	return slices.ContainsFunc(im.list, func(old manifest.Import) bool {
		return old.Extent == manifest.Whole && old.Sum == e.Sum && len(without(e.Choice, old.Choice)) < len(e.Choice)
	})
}

// continues reports whether a longer file that was imported whole began alike, as
// one does of which this is a copy that was cut short.
func (im *imported) continues(e manifest.Import) bool {
	return slices.ContainsFunc(im.list, func(old manifest.Import) bool {
		return old.Extent == manifest.Whole && old.Head == e.Head && e.Octets >= manifest.HeadOctets && old.Octets > e.Octets &&
			len(without(e.Choice, old.Choice)) < len(e.Choice)
	})
}

// before is what was done with a file already.
type before struct {
	left  []string // what is still to be taken of it
	items uint64   // how many items of that were taken
	entry *manifest.Import
	at    int64 // when the last of it was
}

// recognise finds out what of a file was imported before. One that may grow is
// never done.
func (im *imported) recognise(ctx context.Context, in io.Reader, choice []string, grows bool) (before, error) {
	b := before{left: choice}
	matches, end, err := im.matches(ctx, in)
	if err != nil {
		return b, err
	}
	var parts []*manifest.Import
	for _, e := range matches {
		if e.Extent == manifest.Whole && e.Octets == end && !grows {
			b.left = without(b.left, e.Choice)
			b.at = max(b.at, e.At)
		} else {
			parts = append(parts, e)
		}
	}
	for _, e := range parts {
		switch {
		case slices.Equal(e.Choice, b.left):
			b.items, b.entry, b.at = e.Items, e, e.At // the longest comes last
		case len(without(b.left, e.Choice)) < len(b.left):
			return b, withHint(fmt.Errorf("the first %d octets were imported as %s before, which %s overlaps",
				e.Octets, strings.Join(e.Choice, ","), strings.Join(b.left, ",")),
				"import all of it with the same choice first; --again counts twice what both have")
		}
	}
	return b, nil
}

func without(names, taken []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(taken, n) })
}

// matches returns the entries about the beginning of a file, the shortest first,
// and how long the file is, if one of them is about all of it. What cannot be read
// matches nothing: it will be told when it is imported.
func (im *imported) matches(ctx context.Context, in io.Reader) (matches []*manifest.Import, end uint64, err error) {
	c, err := newContent(ctx, in, false)
	if err != nil {
		return nil, 0, nil
	}
	defer c.close()
	content := bufio.NewReaderSize(c.from, 64<<10)
	head, _ := content.Peek(manifest.HeadOctets)
	candidates := im.beginningWith(head)
	d := digester{in: content, sum: sha256.New()}
	for _, e := range candidates {
		if !d.upTo(e.Octets) {
			break
		}
		if d.hex() == e.Sum {
			matches = append(matches, e)
		}
	}
	if len(matches) > 0 && d.ended() {
		end = d.at
	}
	return matches, end, ctx.Err()
}

// beginningWith lists the entries of files that begin so, by length.
func (im *imported) beginningWith(head []byte) (found []*manifest.Import) {
	sums := map[int]string{}
	for i := range im.list {
		e := &im.list[i]
		n := int(min(e.Octets, manifest.HeadOctets))
		if n > len(head) {
			continue
		}
		if sums[n] == "" {
			sums[n] = headSum(head[:n])
		}
		if sums[n] == e.Head {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b *manifest.Import) int { return int(int64(a.Octets) - int64(b.Octets)) })
	return found
}

// A digester digests more and more of a file.
type digester struct {
	in  *bufio.Reader
	sum hash.Hash
	at  uint64
}

// upTo goes on to an octet; false if there are not so many.
func (d *digester) upTo(octets uint64) bool {
	n, err := io.CopyN(d.sum, d.in, int64(octets-d.at))
	d.at += uint64(n)
	return err == nil
}

func (d *digester) hex() string { return hex.EncodeToString(d.sum.Sum(nil)) }

// ended reports whether there is nothing more.
func (d *digester) ended() bool {
	_, err := d.in.Peek(1)
	return errors.Is(err, io.EOF)
}
