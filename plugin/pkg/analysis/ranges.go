package analysis

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Ranges are networks with labels: those of CDNs and hosters. They do not change, and
// are safe for concurrent use.
type Ranges struct {
	labels map[netip.Prefix]string
	bits   [2][129]bool // lengths that occur, by family
}

// LoadRanges reads ranges from files: see Read. The label of a network that has none
// of its own is the name of its file without the extension. Of a network in several
// files the last says the label. A file without a network is an error.
func LoadRanges(files ...string) (*Ranges, error) {
	r := &Ranges{}
	for _, file := range files {
		if err := r.load(file); err != nil {
			return nil, fmt.Errorf("%s: %w", legibleFile(file), err)
		}
	}
	return r, nil
}

func (r *Ranges) load(file string) error {
	f, err := os.Open(file)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) { // which names the file as it is
			err = p.Err
		}
		return err
	}
	defer f.Close()
	name := filepath.Base(file)
	networks, err := r.read(f, strings.TrimSuffix(name, filepath.Ext(name)))
	if err == nil && networks == 0 {
		err = errors.New("no network in it, want one a line")
	}
	return err
}

// legibleFile is the name of a file for messages.
func legibleFile(name string) string {
	if !printable(name) {
		return strconv.Quote(name)
	}
	return name
}

// Read adds networks, one a line: CIDR or an address, then, behind blanks or tabs, a
// label in place of the one given. A label is printable UTF-8 of at most 100 octets. Empty
// lines count for nothing, nor do what follows # and a byte order mark. A network may be
// there again, but not with another label. An error names the line.
func (r *Ranges) Read(from io.Reader, label string) error {
	_, err := r.read(from, label)
	return err
}

// read is Read; it returns how many lines have a network.
func (r *Ranges) read(from io.Reader, label string) (networks int, err error) {
	lines := bufio.NewScanner(from)
	at := map[netip.Prefix]int{} // lines
	n := 0
	for lines.Scan() {
		n++
		text := lines.Text()
		if n == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		p, own, err := parseRangeLine(text, label)
		if err != nil {
			return 0, fmt.Errorf("line %d: %w", n, err)
		}
		if !p.IsValid() {
			continue
		}
		if before := at[p]; before != 0 && r.labels[p] != own {
			return 0, fmt.Errorf("line %d: %s is %q, and on line %d it is %q: want one label", n, p, own, before, r.labels[p])
		}
		r.add(p, own)
		at[p] = n
		networks++
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return 0, fmt.Errorf("line %d: more than %d octets, want a network and a label", n+1, bufio.MaxScanTokenSize)
	} else if err != nil {
		return 0, fmt.Errorf("line %d: %w", n+1, err)
	}
	return networks, nil
}

// parseRangeLine reads a line; the network is not valid if there is none in it.
func parseRangeLine(text, label string) (p netip.Prefix, own string, err error) {
	text, _, _ = strings.Cut(text, "#")
	network := strings.TrimSpace(text)
	if network == "" {
		return p, "", nil
	}
	if end := strings.IndexAny(network, " \t"); end > 0 {
		network, own = network[:end], strings.TrimSpace(network[end:])
	}
	if p, err = parseRange(network); err != nil {
		return p, "", err
	}
	if own == "" {
		own = label
	}
	return p, own, checkLabel(own)
}

// mostLabel bounds labels: they stand in reports, once for each address.
const mostLabel = 100

// checkLabel refuses what a report may not show.
func checkLabel(label string) error {
	switch {
	case len(label) > mostLabel:
		return fmt.Errorf("a label of %d octets, want at most %d", len(label), mostLabel)
	case !printable(label):
		return fmt.Errorf("label %q, want printable UTF-8", label)
	}
	return nil
}

// printable refuses control characters, what turns the direction of writing, and bytes
// that are no text.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

func parseRange(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return AddressKey(a).net, nil
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return p, fmt.Errorf("%.60q, want a network (192.0.2.0/24, 2001:db8::/32) or an address", s)
	case p.Addr().Is4In6():
		return p, fmt.Errorf("%q is IPv4 mapped into IPv6, want it as IPv4", s)
	}
	return p.Masked(), nil
}

func (r *Ranges) add(p netip.Prefix, label string) {
	if r.labels == nil {
		r.labels = map[netip.Prefix]string{}
	}
	r.labels[p] = label
	r.bits[family(p.Addr())][p.Bits()] = true
}

func family(a netip.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

// Label is that of the smallest network that holds an address, or all of a network;
// empty if none does. A nil Ranges holds nothing.
func (r *Ranges) Label(p netip.Prefix) string {
	if r == nil || !p.IsValid() {
		return ""
	}
	for bits := p.Bits(); bits >= 0; bits-- {
		if !r.bits[family(p.Addr())][bits] {
			continue
		}
		if label, ok := r.labels[netip.PrefixFrom(p.Addr(), bits).Masked()]; ok {
			return label
		}
	}
	return ""
}
