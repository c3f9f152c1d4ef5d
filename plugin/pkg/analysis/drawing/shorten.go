package drawing

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Shorten cuts text in the middle, where names differ least, so that it is at most so
// many columns of a terminal wide: what is left out is an ellipsis. Characters of East
// Asia are two columns wide (UAX #11), and none is cut in two. A width below 1 cuts
// nothing.
func Shorten(text string, width int) string {
	if width < 1 || uniseg.StringWidth(text) <= width {
		return text
	}
	head, tail := (width-1+1)/2, (width-1)/2
	var clusters []string
	for g := uniseg.NewGraphemes(text); g.Next(); {
		clusters = append(clusters, g.Str())
	}
	return take(clusters, head, false) + "…" + take(clusters, tail, true)
}

// take is as much of the beginning or the end as fits.
func take(clusters []string, width int, fromEnd bool) string {
	var kept []string
	for i := range clusters {
		c := clusters[i]
		if fromEnd {
			c = clusters[len(clusters)-1-i]
		}
		if width -= uniseg.StringWidth(c); width < 0 {
			break
		}
		if fromEnd {
			kept = append([]string{c}, kept...)
		} else {
			kept = append(kept, c)
		}
	}
	return strings.Join(kept, "")
}
