package flex_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/flex"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// history is one RRset a line: OWNER TYPE FIRST LAST COUNT RDATA|RDATA...
const history = `
www.example.com. A 100 110 2 192.0.2.1
www.example.com. A 120 130 1 192.0.2.2
www.example.com. AAAA 100 100 1 2001:db8::1
flush
www.example.com. A 200 210 5 192.0.2.1
mail.example.com. A 100 100 1 192.0.2.9
example.com. NS 100 100 1 ns1.example.net.|ns2.example.net.
example.com. DS 100 100 1 1 8 1 AAAA
example.com. MX 100 100 1 10 mail.example.com.|20 mail.example.com.
example.net. MX 150 160 2 10 mail.example.com.
flush
example.net. NS 300 310 1 ns1.example.net.
example.net. TXT 300 310 1 "v=spf1 include:Example.COM -all"
example.org. TXT 305 315 1 "v=spf1 include:Example.COM -all"
login-bank.test. A 400 400 1 198.51.100.1
bank-login.test. CNAME 400 400 1 Parking.Example.ORG.
a\.b.test. A 400 400 1 198.51.100.2
gone.test. NXDOMAIN 400 400 1 
`

func source(t testing.TB) store.Source {
	s, err := store.Open(t.TempDir(), store.Options{Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, line := range strings.Split(strings.TrimSpace(history), "\n") {
		if line == "flush" {
			err = s.Flush(context.Background())
		} else {
			err = s.Add(set(t, line))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func set(t testing.TB, line string) *rrset.RRset {
	f := append(strings.SplitN(line, " ", 6), "")
	r := &rrset.RRset{Owner: rrset.MustName(f[0])}
	var err error
	if r.Type, err = rrset.ParseType(f[1]); err != nil {
		t.Fatal(err)
	}
	fmt.Sscan(strings.Join(f[2:5], " "), &r.First, &r.Last, &r.Count)
	for _, text := range strings.Split(f[5], "|") {
		if r.Type == rrset.TypeNXDOMAIN {
			break
		}
		rd, err := rrset.ParseRdata(r.Type, text)
		if err != nil {
			t.Fatal(line, err)
		}
		r.Rdata = append(r.Rdata, rd)
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	return r
}

type question struct {
	kind          flex.Kind
	on            flex.Side
	expr, exclude string
	types         string
	fences        store.Fences
	offset, limit int
}

func (q question) ask(t testing.TB, src store.Source) (lines []string, o ask.Outcome, err error) {
	var types []uint16
	for _, name := range strings.Fields(q.types) {
		rtype, err := rrset.ParseType(name)
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, rtype)
	}
	s, err := flex.Compile(q.kind, q.on, q.expr, q.exclude, types)
	if err != nil {
		return nil, o, err
	}
	engine := ask.NewEngine(func() store.Source { return src }, time.Minute)
	find := func(query *ask.Query, receive func(*rrset.RRset) error) ask.Outcome {
		return engine.Run(context.Background(), "", query, receive)
	}
	o = s.Run(find, store.Query{Fences: q.fences}, q.offset, q.limit, func(r flex.Result) error {
		text := rrset.NameString(r.Name)
		if q.on == flex.Rdata {
			text = rrset.RdataString(r.Type, r.Rdata)
		}
		lines = append(lines, fmt.Sprintf("%s %s %d %d %d", text, rrset.TypeString(r.Type), r.First, r.Last, r.Count))
		return nil
	})
	return lines, o, nil
}

func TestRun(t *testing.T) {
	wwwA, wwwAAAA := "www.example.com. A 100 210 8", "www.example.com. AAAA 100 100 1"
	tests := []struct {
		name string
		question
		want []string
		more bool
	}{
		{"regex of names", question{expr: `^(login|mail)[-.]`}, []string{"mail.example.com. A 100 100 1", "login-bank.test. A 400 400 1"}, false},
		{"letter case is no matter", question{expr: `WWW`}, []string{wwwA, wwwAAAA}, false},
		{"of one type", question{expr: `www`, types: "A"}, []string{wwwA}, false},
		{"anchored at the end", question{expr: `a.*\.example\.com\.$`}, []string{"mail.example.com. A 100 100 1"}, false},
		{"anchored at the start", question{expr: `^www\.example\.`}, []string{wwwA, wwwAAAA}, false},
		{"a dot inside a label", question{expr: `^a\\\.b\.`}, []string{`a\.b.test. A 400 400 1`}, false},
		{"of DNSSEC only if told", question{expr: `^example\.com\.$`}, []string{"example.com. NS 100 100 1", "example.com. MX 100 100 1"}, false},
		{"of DNSSEC", question{expr: `^example\.com\.$`, types: "DS"}, []string{"example.com. DS 100 100 1"}, false},
		{"without some", question{expr: `bank`, exclude: `^login`}, []string{"bank-login.test. CNAME 400 400 1"}, false},
		{"glob is of all", question{kind: flex.Glob, expr: `*bank*`}, []string{"bank-login.test. CNAME 400 400 1", "login-bank.test. A 400 400 1"}, false},
		{"glob of no part", question{kind: flex.Glob, expr: `bank`}, nil, false},
		{"glob with classes", question{kind: flex.Glob, expr: `[!a-c]ank-*.test.`}, nil, false},
		{"glob with a class", question{kind: flex.Glob, expr: `[k-m]ogin-*.test.`}, []string{"login-bank.test. A 400 400 1"}, false},
		{"glob of a zone", question{kind: flex.Glob, expr: `*.example.com.`}, []string{"mail.example.com. A 100 100 1", wwwA, wwwAAAA}, false},
		{"fences hold for what was put together", question{expr: `^www`, fences: store.Fences{LastBefore: 150}}, []string{wwwAAAA}, false},
		{"a page", question{expr: `.`, offset: 2, limit: 2}, []string{"mail.example.com. A 100 100 1", wwwA}, true},
		{"the last page", question{expr: `^www`, offset: 1, limit: 1}, []string{wwwAAAA}, false},
		{"rdata", question{on: flex.Rdata, expr: `^ns\d\.`}, []string{"ns1.example.net. NS 100 310 2", "ns2.example.net. NS 100 100 1"}, false},
		{"rdata with more than a name", question{on: flex.Rdata, expr: `^10 `}, []string{"10 mail.example.com. MX 100 160 3"}, false},
		{"rdata anchored at the end", question{on: flex.Rdata, expr: `mail\.example\.com\.$`}, []string{"10 mail.example.com. MX 100 160 3", "20 mail.example.com. MX 100 100 1"}, false},
		{"text", question{on: flex.Rdata, expr: `spf1.*example\.com`}, []string{`"v=spf1 include:Example.COM -all" TXT 300 315 2`}, false},
		{"alias", question{on: flex.Rdata, kind: flex.Glob, expr: `parking.*`}, []string{"parking.example.org. CNAME 400 400 1"}, false},
		{"rdata of one type, without some", question{on: flex.Rdata, expr: `example`, types: "NS MX", exclude: `ns1|^20`}, []string{
			"10 mail.example.com. MX 100 160 3", "ns2.example.net. NS 100 100 1"}, false},
	}
	src := source(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, o, err := tt.ask(t, src)
			if err != nil || o.Err != nil {
				t.Fatal(err, o.Err)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			if o.More != tt.more || o.Given != len(tt.want) {
				t.Errorf("given %d, more %t: want %d, %t", o.Given, o.More, len(tt.want), tt.more)
			}
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	tests := []struct {
		question
		want string
	}{
		{question{expr: ""}, "an empty expression: want one that says something about the text"},
		{question{expr: "("}, "not a regular expression: missing closing ): `(`"},
		{question{expr: "(a{1000}){1000}"}, "not a regular expression: invalid repeat count: `{1000}`"},
		{question{expr: strings.Repeat("(.?){999}", 100)}, "an expression of 399601 steps with its repeats written out: want at most 2000"},
		{question{expr: strings.Repeat("a", 1025)}, "an expression of 1025 octets: want at most 1024"},
		{question{expr: "a", exclude: "["}, "not a regular expression: missing closing ]: `[`"},
		{question{kind: flex.Glob, expr: "[a"}, "glob: [a: want a ] at the end of a class"},
		{question{kind: flex.Glob, expr: `a\`}, `glob: a \ at the end: want a character behind it`},
		{question{on: flex.Rdata, expr: "a", types: "A"}, "rdata of A is not searched by its text: want one of [CNAME DNAME HINFO MX NAPTR NS PTR RP SOA SPF SRV TXT]"},
	}
	for _, tt := range tests {
		if _, _, err := tt.ask(t, nil); err == nil || err.Error() != tt.want {
			t.Errorf("%q: %v, want %s", tt.expr, err, tt.want)
		}
	}
}

// Whatever the part of the history that an expression has read, it finds what it
// finds in all of it.
func FuzzCompile(f *testing.F) {
	for _, expr := range []string{`^www\.example\.`, `\.example\.com\.$`, `(?i:a)\.com\.$`, `^(www)\.$`, `com\.$`, `^www$`, `a|b\.com\.$`, `[]-a]`, `*.example.*`, `[^a]*`} {
		f.Add(expr, false)
		f.Add(expr, true)
	}
	src := source(f)
	f.Fuzz(func(t *testing.T, expr string, glob bool) {
		for _, on := range []flex.Side{flex.Names, flex.Rdata} {
			q := question{on: on, expr: expr}
			if glob {
				q.kind = flex.Glob
			}
			got, o, err := q.ask(t, src)
			if err != nil {
				return
			}
			if o.Err != nil {
				t.Fatal(o.Err)
			}
			// An expression that says nothing about ends reads all.
			whole := q
			if whole.kind == flex.Regex {
				whole.expr = `(?:` + expr + `)|\x{10ffff}`
			} else {
				continue
			}
			want, _, err := whole.ask(t, src)
			if err != nil {
				return
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%q finds %q in a part, %q in all", expr, got, want)
			}
		}
	})
}

// Texts that the index cannot tell apart, more of them than are gathered at a
// time, are all found, if some of them twice.
func TestAlike(t *testing.T) {
	s, err := store.Open(t.TempDir(), store.Options{Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const n = 40_000
	head := strings.Repeat("x", 100)
	for i := range n {
		if err := s.Add(set(t, fmt.Sprintf(`a%d.test. TXT 1 1 1 "%s%05d"`, i%7, head, i))); err != nil {
			t.Fatal(err)
		}
	}
	lines, o, err := question{on: flex.Rdata, expr: "^.xxx"}.ask(t, s)
	if err != nil || o.Err != nil {
		t.Fatal(err, o.Err)
	}
	slices.Sort(lines)
	if got := len(slices.Compact(lines)); got != n || o.Given > n+7 {
		t.Errorf("%d different texts, %d given: want %d", got, o.Given, n)
	}
}
