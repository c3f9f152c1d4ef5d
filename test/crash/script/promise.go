package script

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Promise is what a program has said so far, and so what must be, or may be, on
// disk.
type Promise struct {
	Script            string         // what the program does
	Series            series         // of the observations
	ByCut             bool           // the store is written by cuts
	Added, Kept       int            // observations that may be, that must be there
	Dropping, Dropped int            // eras that may be gone, that must be
	Snapshots         map[string]int // observations in each snapshot that was made
	Errors            []string       // that were told
	Look, Saw         int            // of a reader: which look it is at, how many observations it saw last
	Gone              []string       // files that a repair did not put aside
	Done              bool           // the program came to its end
}

// Hear takes in what a program wrote to its standard output.
func (p *Promise) Hear(said []byte) error {
	for line := range strings.Lines(string(said)) {
		if err := p.hear(strings.TrimSuffix(line, "\n")); err != nil {
			return fmt.Errorf("the program said %q: %w", line, err)
		}
	}
	return nil
}

func (p *Promise) hear(line string) (err error) {
	word, rest, _ := strings.Cut(line, " ")
	number := map[string]*int{"adding": &p.Added, "kept": &p.Kept, "dropping": &p.Dropping, "dropped": &p.Dropped,
		"look": &p.Look, "saw": &p.Saw}[word]
	switch {
	case number != nil:
		_, err = fmt.Sscan(rest, number)
	case word == "series":
		p.Series = series(rest)
	case word == "cuts":
		p.ByCut = true
	case word == "snapshot":
		var file string
		var n int
		_, err = fmt.Sscan(rest, &file, &n)
		p.Snapshots = maps.Clone(p.Snapshots) // a copy of the promise keeps what it has
		if p.Snapshots == nil {
			p.Snapshots = map[string]int{}
		}
		p.Snapshots[file] = n
	case word == "error":
		p.Errors = append(p.Errors, rest)
	case word == "gone":
		p.Gone = append(slices.Clip(p.Gone), rest)
	case word == "done":
		p.Done = true
	default:
		err = fmt.Errorf("no such word")
	}
	return err
}
