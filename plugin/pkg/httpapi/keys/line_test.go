package keys_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"example.org/pdns/plugin/pkg/httpapi/keys"
)

// cheap is a hash that takes next to no time.
func cheap(secret string) string {
	salt := []byte("saltsalt")
	text := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=19$m=8,t=1,p=1$%s$%s", text(salt), text(argon2.IDKey([]byte(secret), salt, 1, 8, 1, 16)))
}

func crypted(t *testing.T, secret string) string {
	t.Helper()
	b, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// write makes a file of keys of lines.
func write(t *testing.T, path string, lines ...string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	write(t, path,
		"# who may ask", "", "\t # more",
		"soc "+cheap("s"),
		"b-2 "+crypted(t, "s")+" expires=2027-01-01 quota=1000/day # until the contract ends",
		"c_3\t"+cheap("s")+"  rate=0.5/s burst=20 limit=100000 offset=1000000 expires=2027-01-01T02:00:00.5+02:00 quota=1/month\r",
		"d "+cheap("s")+" quota=9223372036854775807/hour",
	)
	list, errs := keys.Read(path)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var got []string
	for _, k := range list {
		got = append(got, k.Name+" "+k.Terms.String())
	}
	want := []string{
		"soc ",
		"b-2 expires=2027-01-01T00:00:00Z quota=1000/day",
		"c_3 expires=2027-01-01T00:00:00.5Z quota=1/month rate=0.5/s burst=20 limit=100000 offset=1000000",
		"d quota=9223372036854775807/hour",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("read\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestMalformed: each error says where, what, and what was expected, and none
// repeats what may be a secret.
func TestMalformed(t *testing.T) {
	const argon, salted = "$argon2id$v=19$m=%s,t=%s,p=%s$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA", "$argon2id$v=19$m=8,t=1,p=1$%s$%s"
	params := func(m, t, p string) string { return "a " + fmt.Sprintf(argon, m, t, p) }
	hash := "a " + cheap("s") + " "
	for _, c := range []struct{ line, want string }{
		{"Secret." + cheap("s"), "name: want up to 64 of a to z, 0 to 9, _ and -"},
		{strings.Repeat("a", 65) + " x", "name: want up to 64"},
		{"a", "hash: want one behind the name"},
		{"a Secret", "hash: want argon2id as $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH, or bcrypt as $2b$12$HASH"},
		{"a $argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA", "hash: want argon2id"},
		{params("262145", "1", "1"), "hash: m=262145 of argon2id: want 8 to 262144 KiB"},
		{params("8", "1", "2"), "hash: m=8 of argon2id: want 16 to 262144 KiB"},
		{params("999999999", "999999999", "1"), "hash: m=999999999 of argon2id"},
		{params("262144", "5", "1"), "hash: t=5 of argon2id: want 1 to 4 passes over m=262144"},
		{params("8", "0", "1"), "hash: t=0 of argon2id: want 1 to 131072"},
		{params("8", "1", "0"), "hash: p=0 of argon2id: want 1 to 16 threads"},
		{params("256", "1", "17"), "hash: p=17 of argon2id: want 1 to 16 threads"},
		{"a " + fmt.Sprintf(salted, "c2Fs", "c2FsdHNhbHRzYWx0c2FsdA"), "hash: salt of argon2id: want 8 to 64 octets in base64 without ="},
		{"a " + fmt.Sprintf(salted, "c2FsdHNhbHR", "c2FsdHNhbHRzYWx0c2FsdA"), "hash: salt of argon2id"},
		{"a " + fmt.Sprintf(salted, "c2FsdHNhbHQ", "c2FsdA"), "hash: sum of argon2id: want 16 to 64 octets in base64 without ="},
		{"a $2b$31$" + strings.Repeat("a", 53), "hash: cost 31 of bcrypt: want 4 to 14"},
		{"a $2b$10$" + strings.Repeat("a", 52), "hash: want argon2id"},
		{"a $2x$10$" + strings.Repeat("a", 53), "hash: want argon2id"},
		{hash + "Secret", "a field is none that is known: want expires=, quota=, rate=, burst=, limit= or offset="},
		{hash + "Secret=1", "a field is none that is known"},
		{hash + "limit=1 limit=2", "limit: want it once"},
		{hash + "limit=0", `limit "0": want a whole number from 1 on`},
		{hash + "burst=+1", `burst "+1": want a whole number`},
		{hash + "offset=2147483648", `offset "2147483648": want a whole number`},
		{hash + "rate=1e3/s", `rate "1e3/s": want requests a second: 10/s`},
		{hash + "rate=0/s", `rate "0/s": want`},
		{hash + "rate=10", `rate "10": want`},
		{hash + "quota=10", `quota "10": want requests in a window: 1000/hour, 1000/day or 1000/month`},
		{hash + "quota=0/day", `quota "0/day": want`},
		{hash + "quota=1/year", `quota "1/year": want`},
		{hash + "quota=18446744073709551615/day", `quota "18446744073709551615/day": want`},
		{hash + "expires=2027-02-30", `expires "2027-02-30": want a date such as 2027-01-01, or a time of RFC 3339`},
		{hash + "expires=0001-01-01", `expires "0001-01-01": want`},
		{hash + "expires=9999-12-31T23:59:59-12:00", `expires "9999-12-31T23:59:59-12:00": want`},
		{"b " + cheap("s"), "name b: line 1 has it already"},
	} {
		path := filepath.Join(t.TempDir(), "keys")
		write(t, path, "b "+cheap("s"), c.line)
		list, errs := keys.Read(path)
		if len(list) != 1 || len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), path+":2: "+c.want) {
			t.Errorf("%s: %d keys, %v, want %s", c.line, len(list), errs, c.want)
			continue
		}
		if text := errs[0].Error(); strings.Contains(text, "Secret") || strings.Contains(text, "c2Fs") {
			t.Errorf("%s: the error repeats it: %s", c.line, text)
		}
		if _, err := keys.Open(path, keys.Terms{}, nil); err == nil || err.Error() != errs[0].Error() {
			t.Errorf("%s: opened with %v, want %v", c.line, err, errs[0])
		}
	}
}

func TestNoFile(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "keys"): "no such file",
		dir:                        dir + ": want a file",
	} {
		if _, err := keys.Open(path, keys.Terms{}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// FuzzRead: no file makes Read panic, and what it reads it reads again from what it
// says of it.
func FuzzRead(f *testing.F) {
	f.Add("# comment\na " + cheap("s") + " expires=2027-01-01 quota=1000/day rate=10/s burst=20 limit=100000 offset=1000000\n")
	f.Add("b $2b$04$" + strings.Repeat("a", 53) + " rate=0.25/s quota=7/month # why\n\nb x")
	f.Add("a $argon2id$v=19$m=999999999,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA\r\nc " + cheap("") + " expires=2027-01-01T00:00:00.123456789+14:00 quota=1/hour")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(dir, "keys")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		list, errs := keys.Read(path)
		for _, err := range errs {
			if !strings.HasPrefix(err.Error(), path+":") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q does not say where, in one line", err)
			}
		}
		for _, k := range list {
			write(t, path, k.Name+" "+cheap("s")+" "+k.Terms.String())
			again, errs := keys.Read(path)
			if len(errs) > 0 || len(again) != 1 || again[0].Name != k.Name || again[0].Terms != k.Terms {
				t.Errorf("%s %s became %v, %v", k.Name, k.Terms, again, errs)
			}
		}
	})
}
