package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/spf13/cobra"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/httpapi/keys"
)

const keyLong = `key makes and looks after a file of keys, which says who may ask over HTTP and how
much: pdns serve --keys FILE, or keys FILE in the http block of CoreDNS's plugin
pdnsquery.

The file has one key a line, beside empty lines and comments, which begin with #:

    NAME HASH [expires=2027-01-01] [quota=1000/day] [rate=10/s] [burst=20]
              [limit=100000] [offset=1000000]

NAME is of a to z, 0 to 9, _ and -. HASH is that of the secret, by argon2id in the form
of PHC ($argon2id$v=19$m=19456,t=2,p=1$SALT$HASH) or by bcrypt ($2b$12$HASH): the
secret itself is nowhere. A client presents NAME.SECRET or NAME:SECRET.

A server sees a change within some seconds. A key that is gone, or has another hash,
is of no use from then on, in the middle of an answer too. Where other terms change,
what of a quota is used up stays so. A file with something wrong in it is not taken:
the server says so, and goes on with the keys that it has.`

const keyExample = `  pdns key add /etc/coredns/keys soc --quota 1000/day
  pdns key list /etc/coredns/keys`

func newKey(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:     "key",
		Short:   "Make and look after keys for the HTTP API",
		Long:    keyLong,
		Example: keyExample,
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newKeyAdd(p), newKeyList(p), newKeyRemove(p), newKeyCheck(p))
	for _, sub := range c.Commands() {
		sub.Args = hinted(sub.Args)
	}
	return c
}

// keyTerms are the flags of key add, each a field of a line by the same name.
var keyTerms = []struct{ name, usage string }{
	{"expires", "good until this `date` begins, in UTC, or until a time: 2027-01-01, 2027-01-01T12:00:00Z"},
	{"quota", "how many `requests` in an hour, a day or a month of 30 days: 1000/day"},
	{"rate", "how many `requests` a second: 10/s"},
	{"burst", "how many `requests` of these may come at once; as many as in a second where it is not said"},
	{"limit", "at most `n` results of a request"},
	{"offset", "at most `n` results that a request may skip"},
}

func newKeyAdd(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "add FILE NAME",
		Short: "Add a key with a new secret",
		Long: `add makes a secret, adds its hash to FILE under NAME, and prints the key, NAME.SECRET,
once: nothing remembers it. FILE is made, readable for its owner alone, if there is
none; whoever runs the server must be able to read it.

What is not said is not bounded, or by what bounds all keys of the server.`,
		Example: `  pdns key add keys soc
  pdns key add keys contractor --expires 2027-01-01 --quota 1000/day --rate 10/s --limit 10000`,
		Args: twoArguments,
		RunE: func(c *cobra.Command, args []string) error {
			var fields []string
			for _, t := range keyTerms {
				if c.Flags().Changed(t.name) {
					fields = append(fields, t.name+"="+c.Flag(t.name).Value.String())
				}
			}
			return p.addKey(args[0], args[1], fields)
		},
	}
	c.Flags().SortFlags = false
	for _, t := range keyTerms {
		c.Flags().String(t.name, "", t.usage)
	}
	return c
}

func (p *program) addKey(file, name string, fields []string) error {
	text, err := keys.Add(file, name, fields...)
	if err != nil && hasKey(file, name) {
		return withHint(fmt.Errorf("%s: there is a key %s already", file, name), fmt.Sprintf("pdns key remove %s %s takes it out", file, name))
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(p.out, text); err != nil {
		return err
	}
	if !p.quiet {
		p.say("hint: this is shown once. It is DNSDB_API_KEY of dnsdbq, X-API-Key of other clients;"+
			" by HTTP Basic the user is %s, and the password what follows the dot", name)
	}
	return nil
}

func hasKey(file, name string) bool {
	list, _ := keys.Read(file)
	return slices.ContainsFunc(list, func(k keys.Key) bool { return k.Name == name })
}

func newKeyList(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "list FILE",
		Short:   "List keys and what they may",
		Long:    `list prints the name of each key in FILE and its terms, as they are in the file.`,
		Example: `  pdns key list keys`,
		Args:    wants("one FILE", 1),
		RunE: func(_ *cobra.Command, args []string) error {
			list, errs := keys.Read(args[0])
			if len(errs) > 0 {
				return keyError(args[0], errs[0])
			}
			if len(list) == 0 {
				p.say("%s: no keys", args[0])
				return nothingFound
			}
			for _, k := range list {
				if _, err := fmt.Fprintln(p.out, keyRow(k)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func keyRow(k keys.Key) string {
	row := k.Name
	if terms := k.Terms.String(); terms != "" {
		row += " " + terms
	}
	if keyExpired(k) {
		row += " # has expired"
	}
	return row
}

func keyExpired(k keys.Key) bool { return !k.Expires.IsZero() && !clock.Now().Before(k.Expires) }

func newKeyRemove(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "remove FILE NAME",
		Short: "Take a key out",
		Long: `remove takes the key NAME out of FILE. A server that runs ends its use within some
seconds, unless something else is wrong with FILE. All other lines stay as they are.`,
		Example: `  pdns key remove keys contractor`,
		Args:    twoArguments,
		RunE:    func(_ *cobra.Command, args []string) error { return removeKey(args[0], args[1]) },
	}
}

func removeKey(file, name string) error {
	err := keys.Remove(file, name)
	if err == nil || errors.Is(err, fs.ErrNotExist) || hasKey(file, name) {
		return err
	}
	return withHint(err, "pdns key list "+file+" tells which there are")
}

func newKeyCheck(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Say what is wrong with a file of keys",
		Long: `check reads FILE as a server does and prints what is wrong with it: the line, the
field, and what was expected. A server does not start with such a file, and does not
take such a change.`,
		Example: `  pdns key check keys`,
		Args:    wants("one FILE", 1),
		RunE:    func(_ *cobra.Command, args []string) error { return p.checkKeys(args[0]) },
	}
}

func (p *program) checkKeys(file string) error {
	if err := keys.Exposed(file); errors.Is(err, fs.ErrNotExist) {
		return keyError(file, err)
	} else if err != nil {
		p.say("warning: %v", err)
	}
	list, errs := keys.Read(file)
	for _, err := range errs {
		if _, err := fmt.Fprintln(p.out, printable(err.Error())); err != nil {
			return err
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("%s: %s", file, plural(len(errs), "finding"))
	}
	expired := 0
	for _, k := range list {
		if keyExpired(k) {
			expired++
		}
	}
	_, err := fmt.Fprintf(p.out, "ok: %s, of which %d expired\n", plural(len(list), "key"), expired)
	return err
}

// keyError is an error of a file of keys, with what helps.
func keyError(file string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return withHint(err, "pdns key add makes it")
	}
	return withHint(err, "pdns key check "+file+" says all that is wrong with it")
}

func twoArguments(c *cobra.Command, args []string) error {
	if len(args) < 2 {
		return errors.New("want FILE and NAME")
	}
	return takes("FILE and NAME", 2)(c, args)
}
