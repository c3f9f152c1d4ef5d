package question

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"example.org/pdns/plugin/pkg/rrset"
)

// An operator is a label that begins with "_" and a word. One that takes an
// argument is followed by "-" and the argument.
type operator struct {
	word string
	arg  string // what is expected; empty if it takes no argument, or may do without
	set  func(p *parser, arg string) error
}

// operators are all but the types, in the order in which errors list them.
var operators = []operator{
	{"rdata", "", func(p *parser, _ string) error { p.rdata = true; return nil }},
	{"raw", "", func(p *parser, _ string) error { p.raw = true; return nil }},
	{"name", "", func(p *parser, _ string) error { p.q.named = true; return nil }},
	{"since", wantTime, func(p *parser, arg string) (err error) {
		p.since, err = ParseTime(arg, p.q.now, false)
		return err
	}},
	{"until", wantTime, func(p *parser, arg string) (err error) {
		p.until, err = ParseTime(arg, p.q.now, true)
		return err
	}},
	{"at", wantTime, func(p *parser, arg string) (err error) {
		p.q.Query.At, err = ParseTime(arg, p.q.now, true)
		return err
	}},
	{"bailiwick", `a zone in one label, example\.com`, (*parser).bailiwick},
	{"slices", "", func(p *parser, _ string) error { p.q.Query.Slices = true; return nil }},
	{"limit", "1 to " + strconv.Itoa(MaxLimit), func(p *parser, arg string) error {
		return number(arg, 1, MaxLimit, &p.q.Limit)
	}},
	{"offset", "0 to " + strconv.Itoa(MaxReach), func(p *parser, arg string) error {
		return number(arg, 0, MaxReach, &p.q.Offset)
	}},
	{"json", "", func(p *parser, _ string) error { p.q.JSON = true; return nil }},
	{"summary", "", func(p *parser, _ string) error { p.q.Summary = true; return nil }},
	{"status", "", func(p *parser, _ string) error { p.q.Status = true; return nil }},
	{"new", "", (*parser).newly},
}

// operator reads one label that begins with "_".
func (p *parser) operator(label []byte) error {
	word, arg, hasArg := strings.Cut(string(label[1:]), "-")
	for _, op := range operators {
		if op.word != word {
			continue
		}
		if err := p.once(op.word, label); err != nil {
			return err
		}
		switch {
		case op.word == "new" && hasArg && arg == "":
			return fmt.Errorf("%s: want _new alone, or %s", show(label), wantKinds)
		case op.arg == "" && hasArg && op.word != "new":
			return fmt.Errorf("%s: want _%s alone", show(label), word)
		case op.arg != "" && arg == "":
			return fmt.Errorf("%s: want _%s- and %s", show(label), word, op.arg)
		}
		if err := op.set(p, arg); err != nil {
			return fmt.Errorf("%s: %w", show(label), err)
		}
		if word != "offset" && word != "name" {
			p.q.ops = append(p.q.ops, label)
		}
		return nil
	}
	return p.typeOperator(label)
}

// typeOperator reads a label as a type, and says what is known if it is none.
func (p *parser) typeOperator(label []byte) error {
	t, err := rrset.ParseType(string(label[1:]))
	if err != nil {
		return fmt.Errorf("%s is no operator: want a type (_ns, _type65, _nxdomain, _nodata, _wildcard) or %s", show(label), known())
	}
	if rrset.IsMeta(t) {
		return fmt.Errorf("%s is no type of data: leave it out to ask for every type", show(label))
	}
	if err := p.once(rrset.TypeString(t), label); err != nil {
		return err
	}
	p.q.Query.Types = append(p.q.Query.Types, t)
	p.q.ops = append(p.q.ops, label)
	return nil
}

func (p *parser) once(word string, label []byte) error {
	if p.given[word] {
		return fmt.Errorf("%s: given twice, want it once", show(label))
	}
	p.given[word] = true
	return nil
}

// bailiwick takes a name in presentation form inside one label: a label may
// hold dots, and dig and its like write such a dot "\.".
func (p *parser) bailiwick(arg string) error {
	name, err := rrset.ParseName(arg)
	if err != nil {
		return errors.New(`want a zone in one label, its dots written "\.": _bailiwick-example\.com`)
	}
	p.q.Query.Bailiwick = name
	return nil
}

func number(s string, low, high int, to *int) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high || s[0] == '+' {
		return fmt.Errorf("want a number from %d to %d", low, high)
	}
	*to = n
	return nil
}

// known lists the operators as they are typed.
func known() string {
	var b strings.Builder
	for i, op := range operators {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("_" + op.word)
		if op.arg != "" {
			b.WriteByte('-')
		}
	}
	return b.String()
}
