package question_test

import (
	"net/netip"
	"reflect"
	"testing"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/store"
)

func TestParseSubject(t *testing.T) {
	one := store.Address(netip.MustParseAddr("192.0.2.1"))
	six := store.Address(netip.MustParseAddr("2001:db8::1"))
	evil := store.Owner(name("evil.example"))
	tests := []struct {
		text  string
		rdata bool
		want  store.Subject
	}{
		{"www.example.com", false, store.Owner(name("www.example.com"))},
		{" www.Example.com. ", false, store.Owner(name("www.example.com"))},
		{".", false, store.Owner(name("."))},
		{"*.example.com", false, store.Below(name("example.com"))},
		{"www.example.*", false, store.Leading([]byte("www"), []byte("example"))},
		{"_443._tcp.example.com", false, store.Owner(name("_443._tcp.example.com"))},
		{"ns1.example.com", true, store.Target(name("ns1.example.com"))},
		{"*.example.com", true, store.TargetBelow(name("example.com"))},
		{"192.0.2.1", false, one},
		{"192.0.2.1", true, one},
		{"192[.]0[.]2[.]1", false, one},
		{"192.0.2.1:8443", false, one},
		{"http://192.0.2.1/x", false, one},
		{"192.0.2.1/x", false, one},
		{"2001:db8::1", false, six},
		{"[2001:db8::1]:443", false, six},
		{"hxxps[://][2001:db8::1]:443/x", false, six},
		{"192.0.2.0/24", false, store.Network(netip.MustParsePrefix("192.0.2.0/24"))},
		{"2001:db8::/32", true, store.Network(netip.MustParsePrefix("2001:db8::/32"))},
		{"192.0.2.1-192.0.2.9", false, store.Range(netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.9"))},
		{"hxxp://evil[.]example/x", false, evil},
		{"hxxp[:]//evil(dot)example:8080/x?y=a.b/c", false, evil},
		{"https://user:secret@evil.example?x", false, evil},
		{"evil.example/x", false, evil},
		{"evil.example:8080", false, evil},
		{"someone@evil.example", false, evil},
		{"mailto:someone[at]evil[.]example", false, evil},
		{"0/25.2.0.192.in-addr.arpa", false, store.Owner(name("0/25.2.0.192.in-addr.arpa"))},
		{"1.0/25.2.0.192.IN-ADDR.arpa.", false, store.Owner(name("1.0/25.2.0.192.in-addr.arpa"))},
		{"https://evil.example/1.2.0.192.in-addr.arpa", false, evil},
		{"Bücher.example", false, store.Owner(name("xn--bcher-kva.example"))},
		{"*.faß.example", false, store.Below(name("xn--fa-hia.example"))},
		{"_dmarc.bücher.example", false, store.Owner(name("_dmarc.xn--bcher-kva.example"))},
		{"https://例え。テスト/x", false, store.Owner(name("xn--r8jz45g.xn--zckzah"))},
		{`\# 0a 0b`, true, store.Raw([]byte{10, 11})},
	}
	for _, test := range tests {
		got, err := question.ParseSubject(test.text, test.rdata)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
		} else if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %v, want %v", test.text, got, test.want)
		}
	}
}

func TestParseSubjectErrors(t *testing.T) {
	for _, text := range []string{"", " ", "http://", "a..b", "192.0.2.1/24", "192.0.2.256", "2001:db8::zz", "www*.example.com",
		"a.*.b", "a\u200b.\u0301b.example", `\# 0a0`} {
		if got, err := question.ParseSubject(text, text != "" && text[0] == '\\'); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
	if _, err := question.ParseSubject("www.example.*", true); err == nil {
		t.Error("right-hand wildcard in rdata: want an error")
	}
}

func FuzzParseSubject(f *testing.F) {
	for _, s := range []string{"www.example.com", "hxxp://evil[.]example/x", "[2001:db8::1]:443", "Bücher.example", "192.0.2.0/24", "["} {
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, rdata bool) {
		_, _ = question.ParseSubject(text, rdata)
	})
}
