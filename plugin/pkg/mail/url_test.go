package mail_test

import (
	"testing"

	"example.org/pdns/plugin/pkg/mail"
)

func TestHost(t *testing.T) {
	tests := []struct{ url, want string }{
		{"https://www.Example.com/path?q=1#f", "www.example.com"},
		{"hxxps://www[.]example[.]com/", "www.example.com"},
		{"hxxp[://]evil(.)example(dot)com", "evil.example.com"},
		{"http://user:secret@evil.example:8080/x", "evil.example"},
		{"https://www.bank.example@evil.example/login", "evil.example"},
		{"//evil.example/x", "evil.example"},
		{`https:\\evil.example\x`, "evil.example"},
		{"https:/evil.example", "evil.example"},
		{"https:evil.example", "evil.example"},
		{"ht\ntps://ev\til.example", "evil.example"},
		{"https://evil.example.", "evil.example"},
		{"https://b\u00fccher.example/", "xn--bcher-kva.example"},
		{"https://XN--BCHER-KVA.example/", "xn--bcher-kva.example"},
		{"https://\u0440\u0430ypal.example", "xn--ypal-43d9g.example"},
		{"https://evil%2eexample/", "evil.example"},
		{"https://evil\u3002example/", "evil.example"},
		{"https://r3---sn-4g5e.example.com", "r3---sn-4g5e.example.com"},
		{"https://_dmarc.example.com", "_dmarc.example.com"},
		{"http://192.0.2.1/", "192.0.2.1"},
		{"hxxp://192[.]0[.]2[.]1/", "192.0.2.1"},
		{"http://3221225985/", "192.0.2.1"},
		{"http://0xC0000201/", "192.0.2.1"},
		{"http://0300.0.2.1/", "192.0.2.1"},
		{"http://192.0.513", "192.0.2.1"},
		{"http://[2001:DB8::1]:8080/", "2001:db8::1"},
		{"http://[::ffff:192.0.2.1]/", "192.0.2.1"},
		{"http://[fe80::1%25eth0]/", ""},
		{"http://[2001:db8::g]/", ""},
		{"http://evil.example:port/", ""},
		{"http://1.2.3.4.5/", ""},
		{"http://256.1.1.1/", ""},
		{"http://localhost/", ""},
		{"http:///", ""},
		{"http://evil..example/", ""},
		{"http://evil<script>.example/", ""},
		{"mailto:who@example.com", ""},
		{"javascript:alert(1)", ""},
		{"/path", ""},
		{"", ""},
	}
	for _, tt := range tests {
		got, err := mail.Host(tt.url)
		if got != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%q leads to %q, %v; want %q", tt.url, got, err, tt.want)
		}
	}
}
