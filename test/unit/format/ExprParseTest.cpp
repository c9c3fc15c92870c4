// The text form of size expressions, on good and hostile text.
#include "runtime/format/Expr.h"

#include <gtest/gtest.h>
#include <random>

using namespace heddle;

namespace {

std::string normalized(std::string_view text) {
  Result<Expr> expr = Expr::parse(text);
  return expr.isOk() ? expr->str() : "error: " + expr.status().message();
}

TEST(ExprParse, ReadsEveryOperator) {
  EXPECT_EQ(normalized("seq+ past *2"), "2 * past + seq");
  EXPECT_EQ(normalized("2*(h+1)-h"), "h + 2");
  EXPECT_EQ(normalized("h ceildiv 32"), "(h + 31) floordiv 32");
  EXPECT_EQ(normalized("h floordiv w mod 3"), "(h floordiv w) mod 3");
  EXPECT_EQ(normalized("max(h, min(w, 3), 4)"), "max(4, h, min(3, w))");
  EXPECT_EQ(normalized("a < b and not (c == 1 or d > e)"), "c != 1 and a < b and d <= e");
  EXPECT_EQ(normalized("- -a"), "a");
  EXPECT_EQ(normalized("-(a floordiv 2) * 3"), "-3 * (a floordiv 2)");
}

TEST(ExprParse, PrecedenceIsThatOfC) {
  EXPECT_EQ(normalized("1 + 2 * 3"), "7");
  EXPECT_EQ(normalized("7 floordiv 2 * 2"), "6");
  EXPECT_EQ(normalized("1 - 2 - 3"), "-4");
  EXPECT_EQ(normalized("1 or 0 and 0"), "1");
  EXPECT_EQ(normalized("not 0 == 1"), "1");
}

TEST(ExprParse, LimitsOfTheLiteralsSurvive) {
  for (int64_t value : {INT64_MIN, INT64_MIN + 1, INT64_MAX, int64_t{-1}, int64_t{0}}) {
    Expr literal = value, scaled = Expr::symbol("x") * value + Expr(value);
    EXPECT_EQ(*Expr::parse(literal.str()), literal);
    EXPECT_EQ(*Expr::parse(scaled.str()), scaled) << scaled.str();
  }
  Expr negatedMinimum = Expr(INT64_MIN) * -1;
  EXPECT_EQ(*Expr::parse(negatedMinimum.str()), negatedMinimum) << negatedMinimum.str();
}

// Symbols come from models: any bytes but an empty name.
TEST(ExprParse, AnySymbolNameRoundTrips) {
  EXPECT_EQ(Expr::symbol("past.0").str(), "past.0");
  EXPECT_EQ(Expr::symbol("mod").str(), "\"mod\"");
  EXPECT_EQ(Expr::symbol("rank(in2)").str(), "\"rank(in2)\"");
  EXPECT_EQ(Expr::symbol("a\"\\\x1b[0m").str(), "\"a\\\"\\\\\\x1b[0m\"");
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    std::string name(1 + random() % 6, '\0');
    for (char &c : name)
      c = static_cast<char>(random());
    Expr sum = Expr::symbol(name) + 1;
    Result<Expr> parsed = Expr::parse(sum.str());
    ASSERT_TRUE(parsed.isOk()) << parsed.status().message();
    ASSERT_EQ(*parsed, sum);
  }
}

TEST(ExprParse, ErrorsGiveTheColumn) {
  EXPECT_EQ(normalized("a + "), "error: column 5 of the expression: expected a number, a symbol or '(', got the end");
  EXPECT_EQ(normalized("(a + b"), "error: column 7 of the expression: expected ')', got the end");
  EXPECT_EQ(normalized("a b"), "error: column 3 of the expression: expected an operator or the end, got 'b'");
  EXPECT_EQ(normalized("a = b"), "error: column 3 of the expression: expected an operator or the end, got '='");
  EXPECT_EQ(normalized("min a"), "error: column 5 of the expression: expected '(', got 'a'");
  EXPECT_EQ(normalized("a + mod"), "error: column 5 of the expression: expected a number, a symbol or '(', got 'm'");
  EXPECT_EQ(normalized("99999999999999999999"), "error: column 1 of the expression: number does not fit in 64 bits");
  EXPECT_EQ(normalized("\"ab"), "error: column 1 of the expression: the quoted symbol has no end");
  EXPECT_EQ(normalized("\"\""), "error: column 1 of the expression: the quoted symbol is empty");
  EXPECT_EQ(normalized("\x01"), "error: column 1 of the expression: expected a number, a symbol or '(', got byte 1");
}

TEST(ExprParse, DepthAndLengthAreBounded) {
  std::string deep(10000, '(');
  EXPECT_NE(normalized(deep + "a").find("nested deeper than 256"), std::string::npos);
  std::string chain = "a";
  for (int i = 0; i < 5000; ++i)
    chain += " mod b" + std::to_string(i % 7);
  EXPECT_NE(normalized(chain).find("nested deeper than 256"), std::string::npos);
  EXPECT_NE(normalized(std::string(65537, '1')).find("expected at most 65536"), std::string::npos);
}

// Texts of 64 KiB that make a naive normal form explode: each must be refused, or end as a text of bounded size.
TEST(ExprParse, ExpansionIsBounded) {
  std::vector<std::string> texts(5);
  for (int i = 0; i < 4000; ++i) {
    std::string n = std::to_string(i);
    texts[0] += (i ? "*(a" : "(a") + n + "+b" + n + ")";
    texts[1] += (i ? "+s" : "s") + n;
    texts[2] += (i ? "*x" : "x");
    texts[3] += (i ? ",x*" : "max(x*") + n;
    texts[4] += (i ? " and x<" : "x<") + n;
  }
  texts[3] += ")";
  std::string power = "a";
  while (power.size() < 8000)
    power = "((" + power + "+1)*(" + power + "+2)*(" + power + "+3) floordiv y)";
  texts.push_back(power);
  std::string logic = "a<b";
  for (int i = 0; i < 120; ++i)
    logic = "not (c" + std::to_string(i) + "==1 and not (d==" + std::to_string(i) + " or not " + logic + "))";
  texts.push_back(logic);
  for (const std::string &text : texts) {
    Result<Expr> expr = Expr::parse(text);
    if (expr.isOk())
      EXPECT_LT(expr->str().size(), size_t{8} << 20) << text.substr(0, 60);
  }
}

TEST(ExprParse, LongTextsAndUnknownEscapesAreRefused) {
  EXPECT_NE(Expr::parse(std::string(2000000, ' ')).status().message().find(" characters, expected at most "),
            std::string::npos);
  EXPECT_NE(Expr::parse("\"a\\q\"").status().message().find("expected the escape '\\\\', '\\\"' or '\\xHH'"),
            std::string::npos)
      << Expr::parse("\"a\\q\"").status().message();
}

// Whatever the bytes are, the parser ends with an expression whose text parses back, or with an error.
TEST(ExprParse, RandomTokensAreSafe) {
  const char *tokens[] = {"a",  "b",   "\"c d\"",    "0",     "1",         "-",     "7",    "9223372036854775807",
                          "+",  "*",   " floordiv ", " mod ", " ceildiv ", "min(",  "max(", ",",
                          "(",  ")",   "==",         "<",     ">=",        " and ", " or ", " not ",
                          "\"", "\\x", "\xff"};
  int accepted = 0;
  for (uint32_t seed = 0; seed < 30000; ++seed) {
    std::mt19937 random(seed);
    std::string text;
    for (uint32_t i = 0, n = random() % 14; i < n; ++i)
      text += tokens[random() % std::size(tokens)];
    Result<Expr> expr = Expr::parse(text);
    if (!expr.isOk())
      continue;
    ++accepted;
    Result<Expr> again = Expr::parse(expr->str());
    ASSERT_TRUE(again.isOk()) << text << " -> " << expr->str() << ": " << again.status().message();
    ASSERT_EQ(*again, *expr) << text << " -> " << expr->str() << " -> " << again->str();
  }
  EXPECT_GT(accepted, 500);
}

} // namespace
