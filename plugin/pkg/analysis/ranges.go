package analysis

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
)

// Ranges are networks with labels: those of CDNs and hosters. They do not change, and
// are safe for concurrent use.
type Ranges struct {
	labels map[netip.Prefix]string
	bits   [2][129]bool // lengths that occur, by family
}

// LoadRanges reads ranges from files: see Read. The label of a network that has none
// of its own is the name of its file without the extension.
func LoadRanges(files ...string) (*Ranges, error) {
	r := &Ranges{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(file)
		err = r.Read(f, strings.TrimSuffix(name, filepath.Ext(name)))
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return r, nil
}

// Read adds networks, one a line: CIDR or an address, then, behind a blank, a label
// in place of the one given. Empty lines count for nothing, nor does what follows #.
// An error names the line.
func (r *Ranges) Read(from io.Reader, label string) error {
	lines := bufio.NewScanner(from)
	n := 0
	for lines.Scan() {
		n++
		text, _, _ := strings.Cut(lines.Text(), "#")
		network, own, _ := strings.Cut(strings.TrimSpace(text), " ")
		if network == "" {
			continue
		}
		p, err := parseRange(network)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if own = strings.TrimSpace(own); own == "" {
			own = label
		}
		r.add(p, own)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}

func parseRange(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return AddressKey(a).net, nil
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return p, fmt.Errorf("%q, want a network (192.0.2.0/24, 2001:db8::/32) or an address", s)
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
