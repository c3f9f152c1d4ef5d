// Package drawing writes maps in the formats of programs that draw graphs: DOT of
// Graphviz, GraphML, and CSV with one line for each edge.
package drawing

import (
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
)

// formats are what writes each format.
var formats = []struct {
	name  string
	write func(io.Writer, *analysis.Graph) error
}{
	{"dot", writeDOT},
	{"graphml", writeGraphML},
	{"csv", writeCSV},
}

// Formats are the names of all formats.
func Formats() (names []string) {
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// Write writes a map in a format.
func Write(w io.Writer, format string, g *analysis.Graph) error {
	for _, f := range formats {
		if f.name == format {
			return f.write(w, g)
		}
	}
	return fmt.Errorf("%q is no format of a map, want %s", format, strings.Join(Formats(), ", "))
}

func stamp(u int64) string { return time.Unix(u, 0).UTC().Format(time.RFC3339) }
