// Package drawing writes maps: as pictures, SVG and HTML, which are complete files for
// a browser and refer to nothing outside; and in the formats of other programs, DOT of
// Graphviz, GraphML, CSV with one line for each edge, and STIX 2.1.
//
// What comes out is the same for the same map and options. Names are those of strangers:
// every format escapes them; in CSV, spreadsheets run formulas, so that a text that begins
// as one, or with an apostrophe, has an apostrophe before it.
package drawing

import (
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"example.org/pdns/plugin/pkg/analysis"
)

// Options are what a format may want to know beside the map. Zero values are defaults.
type Options struct {
	SVGOptions
	Question string    // what was asked, for people, as a command line
	Made     time.Time // when it was asked
}

// formats are what writes each format.
var formats = []struct {
	name  string
	write func(io.Writer, *analysis.Graph, Options) error
}{
	{"svg", func(w io.Writer, g *analysis.Graph, o Options) error { return SVG(w, g, o.SVGOptions) }},
	{"html", HTML},
	{"stix", STIX},
	{"dot", plain(writeDOT)},
	{"graphml", plain(writeGraphML)},
	{"csv", plain(writeCSV)},
}

// plain is a format without options.
func plain(write func(io.Writer, *analysis.Graph) error) func(io.Writer, *analysis.Graph, Options) error {
	return func(w io.Writer, g *analysis.Graph, _ Options) error { return write(w, g) }
}

// Formats are the names of all formats.
func Formats() (names []string) {
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// Write writes a map in a format.
func Write(w io.Writer, format string, g *analysis.Graph, o Options) error {
	for _, f := range formats {
		if f.name == format {
			return f.write(w, g, o)
		}
	}
	return fmt.Errorf("%q is no format of a map, want %s", format, strings.Join(Formats(), ", "))
}

func comma(n int) string { return humanize.Comma(int64(n)) }

func commaU(n uint64) string { return humanize.BigComma(new(big.Int).SetUint64(n)) }

// plural is how many there are of what.
func plural(n int, what string) string { return english.Plural(n, what, "") }

func stamp(u int64) string { return time.Unix(u, 0).UTC().Format(time.RFC3339) }

func day(u int64) string { return time.Unix(u, 0).UTC().Format(time.DateOnly) }

// between is the time from first to last, for people; empty if nothing was seen.
func between(s analysis.Seen) string {
	if s.Count == 0 {
		return ""
	}
	if day(s.First) == day(s.Last) {
		const minute = "15:04"
		first, last := time.Unix(s.First, 0).UTC().Format(minute), time.Unix(s.Last, 0).UTC().Format(minute)
		if first != last {
			first += "–" + last
		}
		return day(s.First) + " " + first
	}
	return day(s.First) + "–" + day(s.Last)
}
