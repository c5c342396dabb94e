"""The most common breached passwords of eight letters or more, in lower case."""

_LISTED = """
00000000 01234567 0123456789 0987654321 10203040 1029384756 11111111 1111111111 11112222 11223344 112233445566
12121212 123123123 12312312 12341234 12344321 123454321 12345678 123456780 123456789 1234567890 12345678900
1234567891 12345678910 123456789a 123456789q 12345679 1234abcd 1234qwer 123654789 123698745 123abc123 12qwaszx
1313131313 13131313 147258369 147852369 14789632 159357159 1593572468 159753159 1a2b3c4d 1password 1q2w3e4r
1q2w3e4r5t 1q2w3e4r5t6y 1qaz1qaz 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 20002000 22222222 23456789 33333333 44444444
55555555 654321654321 66666666 741852963 77777777 7777777777 789456123 87654321 88888888 963852741 987654321
9876543210 98765432 99999999 a1234567 a12345678 a123456789 a1b2c3d4 aa123456 aa12345678 aaaaaaaa abc12345
abc123456 abcd1234 abcd12345 abcdefgh abcdefghi access14 admin123 admin1234 administrator alexander alexandra
alejandro anthony1 arsenal1 asd123456 asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl asdfghjkl1 azertyuiop
babygirl babygirl1 barcelona baseball baseball1 basketball benjamin beautiful bismillah blink182 butterfly
caroline changeme changeme1 charlie1 chelsea1 chocolate christian christine computer computer1 corvette cristina
danielle december diamond1 dragon123 einstein elizabeth estrella evolution facebook fernando february firebird
flamengo flower123 football football1 football123 forever1 freedom1 friendship fuckyou1 fuckyou123 garfield
gateway1 gfhjkmgfhjkm ginger123 gorgeous hello123 hello1234 helloworld highland hunter123 ihateyou iloveyou
iloveyou1 iloveyou12 iloveyou123 iloveyou2 infinity internet isabella jackson1 jennifer jessica1 jonathan jordan23
juventus killer123 kimberly kristina lasvegas letmein1 letmein123 liverpool liverpool1 login123 lovelove lovely123
loveyou1 macintosh manchester manutd123 marlboro marseille maryjane master123 maverick mercedes metallica michael1
michelle microsoft midnight minecraft monkey123 motorola mountain mustang1 mynameis1 napoleon natalie1 newyork1
nicholas nicole123 nintendo november olivia123 p@ssw0rd p@ssword pa55word pa55w0rd passw0rd passw0rd1 passwort
password password! password0 password01 password1 password1! password10 password11 password12 password123
password1234 password12345 password2 password3 password7 password9 patricia peaches1 peanut123 pokemon1 pokemon123
portugal precious princess princess1 princess123 princesa qazwsx123 qazwsxedc qazxswedc q1w2e3r4 q1w2e3r4t5
q1w2e3r4t5y6 qqqqqqqq qweasdzxc qweqweqwe qwer1234 qwert123 qwert12345 qwerty12 qwerty123 qwerty1234 qwerty12345
qwerty123456 qwertyui qwertyuiop qwertyuiop1 ranger123 rainbow1 realmadrid rebecca1 red123456 rootroot samantha
samsung1 samsung123 sandra123 scorpion secret123 security september shadow123 silver123 slipknot snoopy123
snowball soccer123 softball somebody spiderman starwars starwars1 steelers stephanie strawberry student1 summer123
sunshine sunshine1 superman superman1 superstar sweetheart sweetie1 swordfish taylor123 tennis123 test1234
test12345 testing1 testtest thomas123 tiffany1 tigger123 tinkerbell trustno1 undertaker unicorn1 universal
valentina valentine vanessa1 veronica victoria victoria1 volleyball welcome1 welcome123 whatever whatever1
william1 winston1 winter123 wonderful worldcup wrestling yankees1 zaq12wsx zaq1zaq1 zaq1xsw2 zxcvbnm1 zxcvbnm123
zxcvbnmasd zzzzzzzz
"""

BREACHED = frozenset(_LISTED.split())
