// Package mail finds the names and addresses that a mail makes people go to: the
// hosts of its links, forms and pictures, and the domains of its senders.
//
// # Basics
//
//	m, err := mail.Read(file, mail.Limits{})
//	for _, l := range m.Links { ... }
//
// Bodies are taken apart however they are nested (RFC 2045, RFC 2046), attached
// messages too, decoded and converted into UTF-8. Links that a mail gateway has
// wrapped are unwrapped: see Link.Through.
//
// # Broken mail
//
// Hostile mail is malformed on purpose, and the programs that show it are lenient. What
// can be read is used; what could not is in Message.Problems, and what a limit left out
// in Message.Cuts. No input makes Read panic.
//
// # Privacy
//
// Nothing of a message is kept but hosts, where they stood, and its structure: no
// recipient, no local part of an address, no path or query of a URL, no text. Labels of
// a host that hold the local part of a recipient are left out: see Message.Personal.
package mail
