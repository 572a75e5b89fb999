//! As much of SMTP (RFC 5321) as submitting one mail takes: greeting, STARTTLS, AUTH, envelope, data. A library of its
//! own would do more, and have every other dependency built anew for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use super::channel::Encryption;
use crate::config::Network;
use crate::sink::{Connection, SinkError, tls};

/// A server says less than this at a time.
const MOST_LINE_BYTES: u64 = 8_192;
const MOST_LINES: usize = 100;
const MOST_SAID_CHARS: usize = 300;

/// How the mail server is reached.
pub(super) struct Server<'a> {
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
    pub(super) encryption: Encryption,
    pub(super) username: Option<&'a str>,
    pub(super) password: Option<&'a SecretString>,
    pub(super) network: &'a Network,
}

pub(super) struct Envelope<'a> {
    pub(super) from: &'a str,
    pub(super) to: Vec<&'a str>,
}

struct Reply {
    code: u16,
    lines: Vec<String>,
}

/// `mail` has CRLF line ends, and no line of it begins with a dot.
pub(super) async fn submit(
    server: &Server<'_>,
    envelope: &Envelope<'_>,
    mail: &[u8],
) -> Result<(), SinkError> {
    let usual = match server.encryption {
        Encryption::Tls => 465,
        Encryption::Starttls => 587,
        Encryption::None => 25,
    };
    let connection = Connection::default();
    let addresses = connection.resolve(server.host, server.port.unwrap_or(usual)).await?;
    let unreachable = |error| SinkError::retry(format!("reach the mail server: {error}"));
    let stream = TcpStream::connect(addresses.as_slice()).await.map_err(unreachable)?;
    if server.encryption == Encryption::None {
        let mut session = Session(BufReader::new(stream));
        session.expect(2).await?;
        return session.go_on(server, envelope, mail).await;
    }
    let tls = tls(&connection, server.network, None)?;
    let stream = if server.encryption == Encryption::Starttls {
        let mut session = Session(BufReader::new(stream));
        session.expect(2).await?;
        session.hello().await?;
        session.command("STARTTLS", 2).await?;
        // What was sent before it was encrypted must not count as said afterwards.
        if !session.0.buffer().is_empty() {
            return Err(SinkError::retry("the mail server speaks before it is encrypted"));
        }
        session.0.into_inner()
    } else {
        stream
    };
    let mut session = Session(BufReader::new(tls.over(stream, server.host).await?));
    if server.encryption == Encryption::Tls {
        session.expect(2).await?;
    }
    session.go_on(server, envelope, mail).await
}

struct Session<S>(BufReader<S>);

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<S> {
    async fn go_on(
        &mut self,
        server: &Server<'_>,
        envelope: &Envelope<'_>,
        mail: &[u8],
    ) -> Result<(), SinkError> {
        let extensions = self.hello().await?;
        if let (Some(username), Some(password)) = (server.username, server.password) {
            self.sign_in(&extensions, username, password).await?;
        }
        self.command(&format!("MAIL FROM:<{}>", envelope.from), 2).await?;
        for address in &envelope.to {
            self.command(&format!("RCPT TO:<{address}>"), 2).await?;
        }
        self.command("DATA", 3).await?;
        self.write(mail).await?;
        self.command(".", 2).await?;
        // It has the mail; how it takes leave does not matter.
        let _ = self.command("QUIT", 2).await;
        Ok(())
    }

    async fn hello(&mut self) -> Result<Vec<String>, SinkError> {
        let reply = self.command("EHLO localhost", 2).await?;
        Ok(reply.lines.into_iter().map(|line| line.to_ascii_uppercase()).collect())
    }

    async fn sign_in(
        &mut self,
        extensions: &[String],
        username: &str,
        password: &SecretString,
    ) -> Result<(), SinkError> {
        let offered = extensions.iter().find(|line| line.starts_with("AUTH "));
        let offers = |way: &str| offered.is_some_and(|line| line.split(' ').any(|word| word == way));
        let encoded = |text: &str| Zeroizing::new(BASE64.encode(text));
        if offers("PLAIN") {
            let both = Zeroizing::new(format!("\0{username}\0{}", password.expose_secret()));
            let line = Zeroizing::new(format!("AUTH PLAIN {}", &*encoded(&both)));
            return self.authenticate(&line, 2).await;
        }
        if offers("LOGIN") {
            self.authenticate("AUTH LOGIN", 3).await?;
            self.authenticate(&encoded(username), 3).await?;
            return self.authenticate(&encoded(password.expose_secret()), 2).await;
        }
        let reason = "the mail server offers no way to sign in that is known here (PLAIN, LOGIN)";
        Err(SinkError::misconfigured(reason, "use starttls or tls, or leave out the user"))
    }

    /// Nothing of what it says is repeated: it may be the secret.
    async fn authenticate(&mut self, line: &str, good: u16) -> Result<(), SinkError> {
        self.write(format!("{line}\r\n").as_bytes()).await?;
        let reply = self.reply().await?;
        match reply.code / 100 {
            kind if kind == good => Ok(()),
            5 => Err(SinkError::misconfigured(
                format!("the mail server refuses us ({})", reply.code),
                "check user name and password",
            )),
            _ => Err(SinkError::retry(format!("the mail server does not let us in ({})", reply.code))),
        }
    }

    async fn command(&mut self, line: &str, good: u16) -> Result<Reply, SinkError> {
        self.write(format!("{line}\r\n").as_bytes()).await?;
        self.expect(good).await
    }

    async fn expect(&mut self, good: u16) -> Result<Reply, SinkError> {
        let reply = self.reply().await?;
        let said = || {
            let text = reply.lines.join(" ");
            let text: String = text.chars().filter(|c| !c.is_control()).take(MOST_SAID_CHARS).collect();
            format!("{} {text}", reply.code)
        };
        match (reply.code, reply.code / 100) {
            (_, kind) if kind == good => Ok(reply),
            (530 | 534 | 538, _) => Err(SinkError::misconfigured(
                format!("the mail server wants us to sign in: {}", said()),
                "give it a user, a password and encryption",
            )),
            (_, 5) => Err(SinkError::misconfigured(
                format!("the mail server refuses it: {}", said()),
                "check sender, recipients and encryption",
            )),
            _ => Err(SinkError::retry(format!("the mail server does not take it: {}", said()))),
        }
    }

    async fn reply(&mut self) -> Result<Reply, SinkError> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let read = (&mut self.0).take(MOST_LINE_BYTES).read_line(&mut line).await;
            let read = read.map_err(|error| SinkError::retry(format!("hear the mail server: {error}")))?;
            let code = line.get(..3).and_then(|code| code.parse().ok());
            let (Some(code), true) = (code, read > 3 && lines.len() < MOST_LINES) else {
                return Err(SinkError::retry("the mail server does not speak SMTP"));
            };
            lines.push(line.get(4..).unwrap_or_default().trim().to_owned());
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(Reply { code, lines });
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        let lost = |error| SinkError::retry(format!("speak to the mail server: {error}"));
        self.0.get_mut().write_all(bytes).await.map_err(lost)?;
        self.0.get_mut().flush().await.map_err(lost)
    }
}
