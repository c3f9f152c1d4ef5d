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
// address of a recipient, no path or query of a URL, no text.
//
// A host may name a recipient. Whom the fields of the header name that say where a mail
// went (To, Cc, Bcc, those of delivery, the "for" of Received), in the message and in all
// attached ones that are read, is looked for in the labels below the registered domain
// of every host: the local part, and what of it stands before a plus sign, in any case
// and with any other signs than letters and digits, or none, between its words, also the
// last word first, so that jo.smith@ is found in jo-smith.example.com,
// x_josmith.example.com, smith.jo.example.com. It must begin and end where a word does;
// one of less than three letters and digits must be all of a label. So are the whole
// address, and a local part of four bytes or more, in hexadecimal, base32 and base64 and
// as MD5, SHA-1 and SHA-256 in hexadecimal, spelled as in the header and in lower case.
// Labels that hold it are left out, and those before them: see Message.Personal. Names
// from elsewhere can be asked about with Message.Recipients.
//
// A recipient stays in a host where he is in the registered domain itself, or spelled in
// another way: a part of a name only, a display name, glued to more letters or digits,
// encoded otherwise, a number in somebody's list. So does one whom only the text of a
// forwarded mail names. Local parts of offices, such as info and support (RFC 2142), name
// nobody and are left where they are.
package mail
