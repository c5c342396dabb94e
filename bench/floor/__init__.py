"""Operations of different sizes, beside other servers. The smallest ones show what every request costs."""
