package workload

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"example.org/pdns/plugin/pkg/rrset"
)

// Names are the labels that names are made of. They are not changed after they
// were made, and so are safe for concurrent use.
type Names struct {
	domains list // the most popular first
	hosts   list
	tickets []uint32 // hosts, each as often as it is in use
}

// A list holds wire names without the final zero, one behind the other.
type list struct {
	octets  []byte
	ends    []uint32
	longest int // octets; longer names are left out
}

// Names made of these are never too long: at most two of hosts, a label put together,
// and what is above a domain.
const (
	longestHost   = 40
	longestDomain = 100
)

func (l *list) len() int { return len(l.ends) }

func (l *list) at(i uint64) []byte {
	start := uint32(0)
	if i > 0 {
		start = l.ends[i-1]
	}
	return l.octets[start:l.ends[i]]
}

func (l *list) add(name string) error {
	wire, err := rrset.AppendName(l.octets, name)
	if err != nil || len(wire)-1-len(l.octets) > l.longest {
		return err
	}
	l.octets = wire[:len(wire)-1]
	l.ends = append(l.ends, uint32(len(l.octets)))
	return nil
}

// ticketCount is how finely Names keeps how often a host label is in use.
const ticketCount = 1 << 16

// dataFolder names the variable of the environment that names the folder of real
// data.
const dataFolder = "PDNS_TEST_DATA"

// ReadNames reads lists of names. A line of the file domains is a domain, and the
// most popular come first; a line of the file hosts is how often a label is in use,
// and the label. Where no file is given it is that in the folder names of the one
// that PDNS_TEST_DATA names; without that, names are made up. Few are too long to make
// names of, and left out.
func ReadNames(domains, hosts string) (*Names, error) {
	n := MadeUpNames()
	if dir := os.Getenv(dataFolder); dir != "" {
		domains = cmp.Or(domains, filepath.Join(dir, "names", "domains-65k.txt"))
		hosts = cmp.Or(hosts, filepath.Join(dir, "names", "host-labels-100k.txt"))
	}
	if domains != "" {
		n.domains = list{longest: longestDomain}
		if err := readList(domains, &n.domains, n.domains.add); err != nil {
			return nil, err
		}
	}
	if hosts == "" {
		return n, nil
	}
	return n, n.readHosts(hosts)
}

func (n *Names) readHosts(path string) error {
	n.hosts = list{longest: longestHost}
	var counts []uint64
	err := readList(path, &n.hosts, func(line string) error {
		count, label, _ := strings.Cut(strings.TrimSpace(line), " ")
		c, err := strconv.ParseUint(count, 10, 32)
		if err != nil {
			return fmt.Errorf("%q: want a count and a label", line)
		}
		err = n.hosts.add(label)
		if n.hosts.len() > len(counts) {
			counts = append(counts, c)
		}
		return err
	})
	n.deal(counts)
	return err
}

// readList lets take add the lines of a file to l.
func readList(path string, l *list, take func(line string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	number := 0
	for lines.Scan() {
		number++
		if err := take(lines.Text()); err != nil {
			return fmt.Errorf("%s:%d: %w", path, number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if l.len() == 0 {
		return fmt.Errorf("%s: no names in it", path)
	}
	return nil
}

// deal gives tickets to hosts by how often they are in use.
func (n *Names) deal(counts []uint64) {
	total := uint64(0)
	for _, c := range counts {
		total += c
	}
	n.tickets = n.tickets[:0]
	sum := uint64(0)
	for i, c := range counts {
		sum += c
		for float64(len(n.tickets)) < ticketCount*(float64(sum)/float64(max(total, 1))) {
			n.tickets = append(n.tickets, uint32(i))
		}
	}
	if len(n.tickets) == 0 {
		n.tickets = []uint32{0}
	}
}

// madeUpDomains is how many domains MadeUpNames knows; others are put together.
const madeUpDomains = 10_000

// MadeUpNames are names for those who have no lists.
func MadeUpNames() *Names {
	n := &Names{domains: list{longest: longestDomain}, hosts: list{longest: longestHost}}
	for i := range madeUpDomains {
		mustAdd(&n.domains, word(i)+"."+topLevel[i*7%len(topLevel)])
	}
	for _, label := range hostLabels {
		mustAdd(&n.hosts, label)
	}
	for i := range 4000 {
		mustAdd(&n.hosts, word(i*3+1))
	}
	counts := make([]uint64, n.hosts.len())
	for i := range counts {
		counts[i] = 1_000_000 / uint64(i*i/2+1)
	}
	n.deal(counts)
	return n
}

func mustAdd(l *list, name string) {
	if err := l.add(name); err != nil {
		panic(err) // a name in this file is wrong
	}
}

var (
	syllables  = strings.Fields("ba co der el fi gra ho in ja ku lo mar net or pla qui ro sa ter web")
	topLevel   = strings.Fields("com com com com net org de co.uk io ru fr com.br nl info")
	hostLabels = strings.Fields("www mail remote blog webmail server ns1 ns2 smtp vpn m shop ftp api dev app cdn static img portal")
)

// word is a label that looks as if someone had chosen it.
func word(n int) string {
	s := syllables[n%len(syllables)]
	for n = n/len(syllables) + 1; n > 0; n /= len(syllables) {
		s += syllables[n%len(syllables)]
	}
	return s
}

// appendDomain appends the domain of a rank. Behind the list they are put together
// from a label of a host, one of a domain, and what is above another.
func (n *Names) appendDomain(dst []byte, seed, rank uint64) []byte {
	if rank < uint64(n.domains.len()) {
		return append(dst, n.domains.at(rank)...)
	}
	var d dice
	d.roll(seed, forDomain, rank)
	first := firstLabel(n.hosts.at(d.below(uint64(n.hosts.len()))))
	second := firstLabel(n.domains.at(d.below(uint64(n.domains.len()))))
	length := len(first) + len(second) - 1
	if length > 63 {
		first, length = first[:1], len(second)
	}
	dst = append(append(append(dst, byte(length-1)), first[1:]...), second[1:]...)
	above := n.domains.at(d.below(uint64(n.domains.len())))
	return append(dst, above[len(firstLabel(above)):]...)
}

// host is one or more labels, the most used most often.
func (n *Names) host(d *dice) []byte {
	i := uint64(n.tickets[d.below(uint64(len(n.tickets)))])
	if d.chance(30) {
		i = d.below(uint64(n.hosts.len()))
	}
	return n.hosts.at(i)
}

// firstLabel is the first label of a wire name, with its length.
func firstLabel(name []byte) []byte { return name[:1+int(name[0])] }
