package main

import (
	"os"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"
	"golang.org/x/term"

	"example.org/pdns/plugin/pkg/analysis/drawing"
)

// usualWidth is that of a terminal that does not say.
const usualWidth = 80

// width is how many columns a picture may take on standard output: those that COLUMNS
// says, else those of the terminal; 0 where there is no terminal, or COLUMNS is 0: then
// nothing is cut, since a program or a file takes any width.
func (p *program) width() int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n >= 0 {
		return n
	}
	if !p.outTerminal {
		return 0
	}
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && w > 0 {
		return w
	}
	return usualWidth
}

// columnsOf is how many columns of a terminal text takes.
func columnsOf(text string) int { return uniseg.StringWidth(text) }

// fit makes room for text in a line of a width: what is for other things taken off, but
// at least least columns of it.
func fit(text string, width, taken, least int) string {
	if width == 0 {
		return text
	}
	return drawing.Shorten(text, max(width-taken, least))
}

// cutLine ends a line that is too wide all the same.
func cutLine(line string, width int) string {
	if width == 0 || columnsOf(line) <= width {
		return line
	}
	cut, room := "", width-1
	for g := uniseg.NewGraphemes(line); g.Next(); {
		if room -= g.Width(); room < 0 {
			break
		}
		cut += g.Str()
	}
	return cut + "…"
}

// wrap breaks text at blanks into lines of a width; a word that is wider is cut.
func wrap(text string, width int) (lines []string) {
	if width == 0 || columnsOf(text) <= width {
		return []string{text}
	}
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && columnsOf(line)+1+columnsOf(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += fit(word, width, 0, 1)
	}
	return append(lines, line)
}

// hang breaks text into lines of a width, the first behind a head and the others below
// its beginning; where that leaves too little room, all below the head.
func hang(head, text string, width int) []string {
	taken := columnsOf(head)
	if width == 0 || taken+columnsOf(text) <= width {
		return []string{head + text}
	}
	var lines []string
	if width-taken < leastHung {
		if strings.TrimSpace(head) != "" {
			lines = append(lines, cutLine(strings.TrimRight(head, " "), width))
		}
		head, taken = "      ", 6
	}
	for _, line := range wrap(text, max(1, width-taken)) {
		lines = append(lines, head+line)
		head = strings.Repeat(" ", taken)
	}
	return lines
}

// leastHung is the least room beside a head.
const leastHung = 24

// barLength is how long the longest bar of a picture may be beside what takes columns.
func barLength(width, taken int) int {
	if width == 0 {
		return mostBarLength
	}
	return min(mostBarLength, max(1, width-taken))
}

// mostBarLength is that of a bar with room.
const mostBarLength = 40
