package lab

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// An Answer is what an Upstream says to one question.
type Answer struct {
	rcode    int
	scope    uint8 // ECS scope prefix length (RFC 7871); 0: no ECS in the answer
	nonauth  bool
	sections [3][]dns.RR // answer, authority, additional
	other    *dns.Question
}

// ParseAnswers reads answers as people write them:
//
//	? www.example.com A
//	www.example.com. 300 CNAME web.example.net.
//	web.example.net. 60 A 192.0.2.1
//	authority
//	example.net. 3600 NS ns1.example.net.
//
//	? nowhere.example.com A NXDOMAIN
//	authority
//	example.com. 3600 SOA ns1.example.com. admin.example.com. 1 7200 3600 1209600 300
//
// After the type may stand an rcode, scope=24 (the ECS scope of the answer),
// nonauth (AA is not set) and question=NAME (the answer is to another one).
func ParseAnswers(text string) (map[dns.Question]Answer, error) {
	answers := map[dns.Question]Answer{}
	var q dns.Question
	section := -1
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		a := answers[q]
		var err error
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '?':
			section = 0
			q, a, err = parseQuestion(line[1:])
		case section < 0:
			err = fmt.Errorf("want a question first, as ? NAME TYPE")
		case line == "authority":
			section = 1
		case line == "additional":
			section = 2
		default:
			var rr dns.RR
			if rr, err = dns.NewRR(line); err == nil {
				a.sections[section] = append(a.sections[section], rr)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %q: %w", i+1, line, err)
		}
		answers[q] = a
	}
	return answers, nil
}

func parseQuestion(s string) (dns.Question, Answer, error) {
	var q dns.Question
	var a Answer
	f := strings.Fields(s)
	if len(f) < 2 {
		return q, a, fmt.Errorf("want a name and a type")
	}
	t, ok := dns.StringToType[f[1]]
	if !ok {
		return q, a, fmt.Errorf("unknown type %q", f[1])
	}
	q = dns.Question{Name: strings.ToLower(dns.Fqdn(f[0])), Qtype: t, Qclass: dns.ClassINET}
	for _, word := range f[2:] {
		if err := a.option(word); err != nil {
			return q, a, err
		}
	}
	return q, a, nil
}

func (a *Answer) option(word string) error {
	if code, ok := dns.StringToRcode[word]; ok {
		a.rcode = code
		return nil
	}
	key, value, _ := strings.Cut(word, "=")
	switch key {
	case "nonauth":
		a.nonauth = true
	case "scope":
		n, err := strconv.ParseUint(value, 10, 8)
		a.scope = uint8(n)
		return err
	case "question":
		a.other = &dns.Question{Name: dns.Fqdn(value), Qtype: dns.TypeA, Qclass: dns.ClassINET}
	default:
		return fmt.Errorf("unknown option %q", word)
	}
	return nil
}

func (a *Answer) reply(req *dns.Msg) *dns.Msg {
	m := new(dns.Msg).SetRcode(req, a.rcode)
	m.Authoritative = !a.nonauth
	m.Answer = slices.Clone(a.sections[0])
	m.Ns = slices.Clone(a.sections[1])
	m.Extra = slices.Clone(a.sections[2])
	if a.other != nil {
		m.Question = []dns.Question{*a.other}
	}
	if opt := req.IsEdns0(); opt != nil {
		m.SetEdns0(1232, opt.Do())
		if a.scope > 0 {
			out := m.IsEdns0()
			out.Option = append(out.Option, a.subnet(opt))
		}
	}
	return m
}

// subnet is the ECS option of an answer that fits only clients of a network.
func (a *Answer) subnet(asked *dns.OPT) *dns.EDNS0_SUBNET {
	for _, o := range asked.Option {
		if e, ok := o.(*dns.EDNS0_SUBNET); ok {
			e := *e
			e.SourceScope = a.scope
			return &e
		}
	}
	return &dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceScope: a.scope, Address: net.IPv4zero}
}
