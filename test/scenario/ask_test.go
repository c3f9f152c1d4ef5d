package scenario

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/cockroachdb/datadriven"
	"github.com/miekg/dns"

	"example.org/pdns/test/lab"
)

// zone is where the scenarios ask for history.
const zone = "_pdns.local."

// query asks NAME TYPE [OPTION...] and shows the whole answer.
func (s *scenario) query(d *datadriven.TestData) (string, error) {
	var out strings.Builder
	for _, line := range lines(d) {
		r, err := s.exchange(line)
		if err != nil {
			return out.String(), fmt.Errorf("%s: %w", strings.Join(line, " "), err)
		}
		show(&out, r)
	}
	return out.String(), nil
}

// ask asks the query zone for TXT and shows a line a record. A subject that
// does not end in a dot is put into the zone.
func (s *scenario) ask(d *datadriven.TestData) (string, error) {
	var out strings.Builder
	for _, line := range lines(d) {
		name := line[0]
		if !strings.HasSuffix(name, ".") {
			name += "." + zone
		}
		r, err := s.exchange(append([]string{name, "TXT", "tcp"}, line[1:]...))
		if err != nil {
			return out.String(), fmt.Errorf("%s: %w", name, err)
		}
		if status := status(r); status != "NOERROR" {
			fmt.Fprintln(&out, status)
		} else if len(r.Answer) == 0 {
			fmt.Fprintln(&out, "NODATA")
		}
		for _, txt := range lab.Strings(r) {
			fmt.Fprintln(&out, txt)
		}
	}
	return out.String(), nil
}

// exchange asks one question, as NAME TYPE and any of tcp, do, cookie, nsid,
// ecs=PREFIX, from=ADDRESS, bufsize=N, noedns.
func (s *scenario) exchange(line []string) (*dns.Msg, error) {
	if len(line) < 2 {
		return nil, fmt.Errorf("want NAME TYPE")
	}
	qtype, ok := dns.StringToType[line[1]]
	if !ok {
		return nil, fmt.Errorf("unknown type %q", line[1])
	}
	m := new(dns.Msg).SetQuestion(dns.Fqdn(line[0]), qtype)
	m.SetEdns0(1232, false)
	network, from := "udp", ""
	for _, word := range line[2:] {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "tcp":
			network = "tcp"
		case "from":
			from = value
		case "noedns":
			m.Extra = nil
		default:
			if err := option(m.IsEdns0(), key, value); err != nil {
				return nil, err
			}
		}
	}
	addr, err := s.server.addr(network)
	if err != nil {
		return nil, err
	}
	return lab.Exchange(network, addr, from, m)
}

func option(opt *dns.OPT, key, value string) error {
	switch key {
	case "do":
		opt.SetDo()
	case "bufsize":
		n, err := strconv.ParseUint(value, 10, 16)
		opt.SetUDPSize(uint16(n))
		return err
	case "ecs":
		_, n, err := net.ParseCIDR(value)
		if err != nil {
			return err
		}
		ones, _ := n.Mask.Size()
		opt.Option = append(opt.Option, &dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: uint8(ones), Address: n.IP})
	case "cookie":
		opt.Option = append(opt.Option, &dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: value})
	default:
		return fmt.Errorf("unknown option %q", key)
	}
	return nil
}

// status is the rcode with what else a client would look at.
func status(r *dns.Msg) string {
	s := dns.RcodeToString[r.Rcode]
	if r.Truncated {
		s += " truncated"
	}
	if opt := r.IsEdns0(); opt != nil {
		for _, o := range opt.Option {
			if e, ok := o.(*dns.EDNS0_EDE); ok {
				s += fmt.Sprintf(", %s: %s", dns.ExtendedErrorCodeToString[e.InfoCode], e.ExtraText)
			}
		}
	}
	return s
}

func show(out *strings.Builder, r *dns.Msg) {
	fmt.Fprintln(out, status(r))
	for i, section := range [][]dns.RR{r.Answer, r.Ns, r.Extra} {
		for _, rr := range section {
			if rr.Header().Rrtype == dns.TypeOPT {
				continue
			}
			fmt.Fprintf(out, "%s%s\n", []string{"", "authority: ", "additional: "}[i], lab.ShortRR(rr))
		}
	}
}

// transfer asks for a zone (AXFR) and shows a line a record, and what the TXT
// records hold as ask does.
func (s *scenario) transfer(d *datadriven.TestData) (string, error) {
	addr, err := s.server.addr("tcp")
	if err != nil {
		return "", err
	}
	name := words(d)[0]
	if !strings.HasSuffix(name, ".") {
		name += "." + zone
	}
	in, err := new(dns.Transfer).In(new(dns.Msg).SetAxfr(name), addr)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for e := range in {
		if e.Error != nil {
			return out.String(), e.Error
		}
		for _, rr := range e.RR {
			fmt.Fprintln(&out, lab.ShortRR(rr))
		}
	}
	return out.String(), nil
}
